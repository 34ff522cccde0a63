import { describe, expect, test } from "bun:test";
import type { LogEntry } from "@toru/core";
import { SILENT_AFTER_MS, WatchedHost } from "./watched-host.ts";

const START = Date.parse("2026-01-01T00:00:00.000Z");

function entry(plugin: string, fields: Record<string, unknown>, afterMs = 0): LogEntry {
  return { timestamp: new Date(START + afterMs).toISOString(), level: "info", plugin, message: "", fields };
}

function hostAfter(...entries: LogEntry[]): WatchedHost {
  const host = new WatchedHost();
  for (const one of entries) host.apply(one);
  return host;
}

const started = entry("*", { event: "host-started" });

describe("WatchedHost", () => {
  test("without a line nothing is known", () => {
    const host = new WatchedHost();
    expect(host.summary(START)).toBe("host: nothing is known of it yet");
    expect(host.isSilent(START + 10 * SILENT_AFTER_MS)).toBe(false);
  });

  test("each plugin has the state of its last line, since when, and why", () => {
    const host = hostAfter(
      started,
      entry("a", { event: "state", status: "running", health: "healthy" }, 1),
      entry("b", { event: "state", status: "running", health: "unhealthy", reason: "no pong" }, 2),
      entry("c", { event: "state", status: "disabled" }, 3),
      entry("d", { event: "state", status: "failed", reason: "exit code 3" }, 4),
      entry("e", { event: "state", status: "backoff", reason: "killed" }, 5),
    );
    const at = (ms: number) => new Date(START + ms).toISOString();
    expect(Object.fromEntries(host.plugins)).toEqual({
      a: { status: "running", health: "healthy", since: at(1), reason: null },
      b: { status: "running", health: "unhealthy", since: at(2), reason: "no pong" },
      c: { status: "disabled", health: "disabled", since: at(3), reason: null },
      d: { status: "failed", health: "disabled", since: at(4), reason: "exit code 3" },
      e: { status: "backoff", health: "unhealthy", since: at(5), reason: "killed" },
    });
  });

  test("a start of the host and a removed file forget what was", () => {
    const host = hostAfter(
      entry("old", { event: "state", status: "running", health: "healthy" }),
      started,
      entry("gone", { event: "state", status: "running", health: "healthy" }),
      entry("gone", { event: "removed" }),
    );
    expect([...host.plugins.keys()]).toEqual([]);
  });

  test("changes are news, signs of life and actions are not", () => {
    const host = new WatchedHost();
    const news = (plugin: string, fields: Record<string, unknown>) => host.apply(entry(plugin, fields));
    expect(news("*", { event: "host-started" })).toBe(true);
    expect(news("a", { event: "state", status: "starting" })).toBe(true);
    expect(news("a", { event: "spawn", pid: 1 })).toBe(false);
    expect(news("*", { event: "heartbeat" })).toBe(false);
    expect(news("a", { event: "removed" })).toBe(true);
    expect(news("a", { event: "removed" })).toBe(false);
    expect(host.apply({ timestamp: "no time", level: "info", plugin: "a", message: "no fields" })).toBe(false);
  });

  test("a host that was not stopped in order is told by its silence", () => {
    const host = hostAfter(started, entry("*", { event: "heartbeat" }, 60_000));
    expect(host.summary(START + 60_000 + SILENT_AFTER_MS)).toBe("host: running");
    expect(host.summary(START + 60_001 + SILENT_AFTER_MS)).toBe(
      "host: no sign of life since 2026-01-01T00:01:00.000Z; it was not stopped in order",
    );
  });

  test("a host that was stopped is not silent", () => {
    const host = hostAfter(started, entry("*", { event: "host-stopped" }, 5));
    expect(host.summary(START + 10 * SILENT_AFTER_MS)).toBe("host: stopped at 2026-01-01T00:00:00.005Z");
    expect(host.isSilent(START + 10 * SILENT_AFTER_MS)).toBe(false);
  });
});
