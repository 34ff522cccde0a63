import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "legacy");
      await host.install("v2", "failing", { behaviour: "exit-at-once", code: 3 });
      await host.install("v2", "stubborn", { behaviour: "ignore-sigterm" });
    },
    env: { TORU_CRASH_LIMIT: "3", TORU_STOP_GRACE_MS: "200", TORU_HEALTH_INTERVAL_MS: "1000" },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("legacy", "running", "healthy");
  await host.reaches("stubborn", "running", "healthy");
  await host.reaches("failing", "failed");
});

afterAll(() => host[Symbol.asyncDispose]());

type Line = Record<string, unknown>;

/** Waits for the first line of a plugin's log that has this message. */
function line(plugin: string, message: string): Promise<Line> {
  return until(`${plugin} has logged ${JSON.stringify(message)}`, async () =>
    (await host.log(`plugins/${plugin}.log`)).find((entry) => entry["message"] === message),
  );
}

function supervisorLines(plugin: string): Promise<Line[]> {
  return host.log("plugin-supervisor.log").then((lines) => lines.filter((entry) => entry["plugin"] === plugin));
}

function fields(entry: Line | undefined): Line {
  return (entry?.["fields"] ?? {}) as Line;
}

interface EventRow {
  event_type: string;
  timestamp: string;
  details: string;
}

/** The rows of `plugin_events`, oldest first, as any program reads them from the file. */
function rows(plugin: string): EventRow[] {
  using database = new Database(join(host.dataDir, "toru.db"), { readonly: true });
  const query = "SELECT event_type, timestamp, details FROM plugin_events WHERE plugin_id = ? ORDER BY id";
  return database.query<EventRow, [string]>(query).all(plugin);
}

function stored(plugin: string, types: string[]): Promise<EventRow[]> {
  return until(`${plugin} has the events ${types.join(", ")}`, () => {
    const found = rows(plugin);
    return JSON.stringify(found.map((row) => row.event_type)) === JSON.stringify(types) ? found : null;
  });
}

describe("Plugin Observability: plugin logs", () => {
  test("Write plugin logs: a log message is one JSON object a line, with timestamp, level, message and error", async () => {
    const query = new URLSearchParams({ level: "warn", message: "Grüße\nüber zwei Zeilen", error: "E42" });
    await host.fetch(`/plugins/acme/log?${query}`);
    const entry = await line("acme", "Grüße\nüber zwei Zeilen");
    expect(entry).toEqual({
      timestamp: expect.stringMatching(TIMESTAMP),
      level: "warn",
      plugin: "acme",
      message: "Grüße\nüber zwei Zeilen",
      error: "E42",
    });
    await host.fetch("/plugins/acme/log?message=plain");
    expect(await line("acme", "plain")).not.toHaveProperty("error");
  });

  test("Write plugin logs: a version 1 plugin's message is written too", async () => {
    await host.fetch("/plugins/legacy/log?m=from-version-1");
    expect(await line("legacy", "from-version-1")).toMatchObject({ level: "info", plugin: "legacy" });
  });

  test("Write plugin logs: each line of stdout is information", async () => {
    await host.fetch("/plugins/acme/stdout?lines=3");
    expect(await line("acme", "stdout line 2")).toMatchObject({ level: "info", plugin: "acme" });
    const messages = (await host.log("plugins/acme.log")).map(({ message }) => message);
    expect(messages.filter((message) => String(message).startsWith("stdout line"))).toEqual([
      "stdout line 0",
      "stdout line 1",
      "stdout line 2",
    ]);
  });

  test("Write plugin logs: stderr is information, or what a JSON line says of itself", async () => {
    const say = (text: string) => host.fetch(`/plugins/acme/stderr?${new URLSearchParams({ text })}`);
    await say("plain trouble");
    await say('{"level": "ERROR", "message": "structured", "error": "E1", "attempt": 3}');
    await say('{"level": "warning", "msg": "by another library"}');
    await say('{"looks": "like JSON"');
    expect(await line("acme", "plain trouble")).toMatchObject({ level: "info" });
    expect(await line("acme", "structured")).toMatchObject({ level: "error", error: "E1", fields: { attempt: 3 } });
    expect(await line("acme", "by another library")).toMatchObject({ level: "warn" });
    expect(await line("acme", '{"looks": "like JSON"')).toMatchObject({ level: "info" });
  });
});

describe("Plugin Observability: supervisor logs", () => {
  test("Write supervisor logs: a spawn, with the process and the file", async () => {
    const spawned = (await supervisorLines("acme")).find((entry) => fields(entry)["event"] === "spawn");
    expect(spawned).toMatchObject({ timestamp: expect.stringMatching(TIMESTAMP), level: "info", message: "spawn" });
    const pid = (await host.plugin("acme"))?.pid;
    expect(fields(spawned)).toMatchObject({ pid, file: join(host.pluginsDir, "acme.binary"), protocol: 2 });
  });

  test("Write supervisor logs: a kill, with the signal", async () => {
    const { pid } = await host.reaches("stubborn", "running");
    await host.post("/api/plugins/stubborn/disable");
    await host.reaches("stubborn", "disabled");
    // The state is told before its lines are in the file.
    const kills = await until("both kills are logged", async () => {
      const found = (await supervisorLines("stubborn")).map(fields).filter(({ event }) => event === "kill");
      return found.length >= 2 && found;
    });
    expect(kills).toEqual([
      { event: "kill", pid, signal: "SIGTERM" },
      { event: "kill", pid, signal: "SIGKILL" },
    ]);
  });

  test("Write supervisor logs: each crash, the wait before each restart, and the end of it", async () => {
    const lines = await supervisorLines("failing");
    expect(lines.filter((entry) => fields(entry)["event"] === "spawn")).toHaveLength(3);
    const waits = lines
      .filter(({ message }) => message === "restart scheduled")
      .map((entry) => fields(entry)["delay_ms"]);
    expect(waits).toEqual([50, 100]);
    const states = lines.filter((entry) => fields(entry)["event"] === "state");
    expect(states.map(({ level, message }) => `${String(level)}: ${String(message)}`)).toEqual([
      "info: starting",
      "warn: crashed 1 time in a row, waiting to restart",
      "info: starting",
      "warn: crashed 2 times in a row, waiting to restart",
      "info: starting",
      "error: disabled: it crashed 3 times in a row",
    ]);
    expect(fields(states[1])).toMatchObject({ status: "backoff", code: 3, signal: null, crashes: 1 });
  });
});

describe("Plugin Observability: plugin_events", () => {
  test("Log plugin events: crashed and disabled, each with when and why", async () => {
    const found = await stored("failing", ["crashed", "crashed", "crashed", "disabled"]);
    for (const { timestamp } of found) expect(timestamp).toMatch(TIMESTAMP);
    const details = found.map((row) => JSON.parse(row.details) as Line);
    expect(details[0]).toMatchObject({ code: 3, signal: null, crashes: 1, retry_in_ms: 50 });
    expect(details[3]).toEqual({ reason: "crashed 3 times in a row", crashes: 3 });
  });

  test("Log plugin events: started, stopped, enabled, crashed and restarted", async () => {
    await stored("legacy", ["started"]);
    await host.post("/api/plugins/legacy/disable");
    await host.reaches("legacy", "disabled");
    await host.post("/api/plugins/legacy/enable");
    await host.reaches("legacy", "running", "healthy");
    await host.fetch("/plugins/legacy/crash?code=5");
    const expected = ["started", "disabled", "stopped", "enabled", "started", "crashed", "restarted"];
    const found = await stored("legacy", expected);
    expect(JSON.parse(found[5]?.details ?? "")).toMatchObject({ code: 5, crashes: 1 });
    expect(JSON.parse(found[6]?.details ?? "")).toEqual({ attempt: 1 });
  });

  test("Log plugin events: unhealthy, with the reason", async () => {
    await host.fetch("/plugins/acme/ignore-pings?count=1");
    const found = await stored("acme", ["started", "unhealthy"]);
    expect((JSON.parse(found[1]?.details ?? "") as Line)["reason"]).toBeString();
    await host.reaches("acme", "running", "healthy");
  });
});
