import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PluginChange } from "@toru/http-api";
import { EventReader } from "./support/event-reader.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v2", "writer");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("writer", "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

function open(path: string, headers: Record<string, string> = {}): Promise<EventReader> {
  return EventReader.open((signal) => host.fetch(path, { signal, headers }));
}

function changesOf(reader: EventReader, id: string): PluginChange[] {
  const changes = reader.events.filter(({ name }) => name === "plugin").map(({ data }) => data as PluginChange);
  return changes.filter((change) => change.id === id);
}

function statusesOf(reader: EventReader, id: string): (string | undefined)[] {
  return changesOf(reader, id).map(({ plugin }) => plugin?.status);
}

const STREAM = "/api/plugins/writer/logs/stream";

/** Each line's message, as the stream had it. */
function messagesOf(reader: EventReader): string[] {
  return reader.events.map(({ data }) => (data as { message: string }).message);
}

async function write(from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) await host.fetch(`/plugins/writer/log?message=n${number}`);
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `n${from + index}`);
}

describe("Plugin API Endpoints: /api/events", () => {
  test("a crash shows at once, with the event and the plugin as it is then, and so does the restart", async () => {
    await using reader = await open("/api/events");
    await reader.find("the greeting", ({ name }) => name === "hello");
    await host.fetch("/plugins/acme/crash?code=9");
    await until("it runs again", () => changesOf(reader, "acme").at(-1)?.event?.event_type === "restarted");
    // On a slow machine the lost connection shows before the end of the process.
    const changes = changesOf(reader, "acme").filter(({ event }) => event?.event_type !== "unhealthy");
    expect(changes.map(({ plugin }) => plugin?.status)).toEqual(["backoff", "starting", "running"]);
    const [crashed, , restarted] = changes;
    expect(crashed).toMatchObject({
      file: "acme.binary",
      plugin: { health: "unhealthy", crash: { code: 9 }, crashes: 1 },
      event: { event_type: "crashed", details: { code: 9, crashes: 1 } },
    });
    expect(restarted).toMatchObject({ plugin: { health: "healthy" }, event: { event_type: "restarted" } });
  });

  test("disabling, a new file and a removed one show", async () => {
    await using reader = await open("/api/events");
    await host.post("/api/plugins/acme/disable");
    await until("it is disabled", () => statusesOf(reader, "acme").includes("disabled"));
    await host.post("/api/plugins/acme/enable");
    await until("it runs", () => statusesOf(reader, "acme").at(-1) === "running");
    await host.installText("broken.binary", "#!/bin/sh\nexit 1\n");
    await reader.find("the invalid file", ({ data }) => (data as PluginChange).plugin?.status === "invalid");
    await Bun.file(`${host.pluginsDir}/broken.binary`).delete();
    await reader.find("it is gone", ({ data }) => (data as PluginChange).plugin === null);
  });

  test("a reader that comes back with Last-Event-ID gets what it missed", async () => {
    let cursor = "";
    {
      await using first = await open("/api/events");
      cursor = (await first.find("the greeting", ({ name }) => name === "hello")).id;
    }
    await host.post("/api/plugins/acme/restart");
    await until("it was stopped", async () => (await host.plugin("acme"))?.status !== "running");
    await host.reaches("acme", "running", "healthy");
    await using second = await open("/api/events", { "last-event-id": cursor });
    await second.find("the greeting", ({ name }) => name === "hello");
    expect(statusesOf(second, "acme")).toEqual(["stopping", "starting", "running"]);
  });

  test("a cursor that is not known says that the list must be loaded again", async () => {
    await using reader = await open("/api/events", { "last-event-id": "00000000:7" });
    await reader.find("reset", ({ name }) => name === "reset");
  });

  test("signing out ends the stream within 5 seconds", async () => {
    await using own = await TestHost.start();
    await using reader = await EventReader.open((signal) => own.fetch("/api/events", { signal }));
    expect((await own.post("/api/auth/logout")).status).toBe(204);
    expect(await Promise.race([reader.ended.then(() => "ended"), Bun.sleep(8_000).then(() => "open")])).toBe("ended");
  });

  test("a host that stops ends its streams, and is not held up by them", async () => {
    await using own = await TestHost.start();
    await using reader = await EventReader.open((signal) => own.fetch("/api/events", { signal }));
    expect(await own.stop()).toBe(0);
    await reader.ended;
  });
});

describe("Plugin API Endpoints: logs/stream", () => {
  test("lines come as they are written", async () => {
    await using reader = await open(STREAM);
    await write(1, 3);
    await until("all have come", () => reader.events.length >= 3);
    expect(messagesOf(reader)).toEqual(numbers(1, 3));
    expect(reader.events[0]?.data).toMatchObject({ plugin: "writer", level: "info" });
  });

  test("it resumes behind Last-Event-ID without loss or doubling", async () => {
    let last = "";
    {
      await using first = await open(STREAM);
      await write(11, 15);
      await until("five have come", () => first.events.length >= 5);
      last = first.events[2]?.id ?? "";
    }
    await write(16, 20);
    await using second = await open(STREAM, { "last-event-id": last });
    await write(21, 25);
    await until("the rest has come", () => second.events.length >= 12);
    expect(messagesOf(second)).toEqual(numbers(14, 25));
  });

  test("level and q choose lines", async () => {
    await using reader = await open(`${STREAM}?level=warn&q=wanted`);
    for (const [level, message] of [
      ["info", "wanted"],
      ["warn", "other"],
      ["warn", "wanted"],
      ["error", "WANTED too"],
    ]) {
      await host.fetch(`/plugins/writer/log?level=${level}&message=${encodeURIComponent(message ?? "")}`);
    }
    await until("two have come", () => reader.events.length >= 2);
    expect(messagesOf(reader)).toEqual(["wanted", "WANTED too"]);
  });

  test("a cursor that nobody gave is 400", async () => {
    expect((await host.fetch(STREAM, { headers: { "last-event-id": "made-up" } })).status).toBe(400);
    expect((await host.fetch(`${STREAM}?after=made-up`)).status).toBe(400);
  });
});
