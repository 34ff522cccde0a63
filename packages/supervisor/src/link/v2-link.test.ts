import { describe, expect, spyOn, test } from "bun:test";
import { encodeFrame, type KvResult } from "@toru/protocol";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { MAX_QUEUED_BYTES } from "../socket/frame-socket.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import type { LinkLimits, PluginServices } from "./plugin-link.ts";
import { V2Link } from "./v2-link.ts";

const LIMITS: LinkLimits = {
  maxFrameBytes: 16 * 1024 * 1024,
  requestTimeoutMs: 10_000,
  kvTimeoutMs: 10_000,
  healthIntervalMs: 10_000,
  startTimeoutMs: 10_000,
};
const VALUE = "x".repeat(1024 * 1024);
/** Requests that are served at a time, whoever reads. */
const AT_ONCE = 64;

/** A link to a plugin that this test plays, and what the plugin asked of the host. */
async function linkTo(services: Partial<PluginServices>): Promise<AsyncDisposable & { plugin: Socket; link: V2Link }> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "s.sock");
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, accepted.resolve);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const all: PluginServices = {
    kv: () => Promise.resolve({ ok: true, value: { value: null } }),
    log: () => null,
    othersAreAsked: () => false,
    warn: () => undefined,
    ...services,
  };
  const link = await V2Link.connect(path, LIMITS, all, () => undefined);
  const plugin = await accepted.promise;
  return {
    plugin,
    link,
    async [Symbol.asyncDispose]() {
      link.close({ code: "died", message: "the test is over" });
      plugin.destroy();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

function message(type: string, payload: unknown, id?: string): Buffer {
  const envelope = {
    type,
    timestamp: "2026-01-01T00:00:00Z",
    payload,
    ...(id === undefined ? {} : { request_id: id }),
  };
  return encodeFrame(envelope) ?? Buffer.alloc(0);
}

describe("V2Link", () => {
  test("a plugin that asks and never reads the answers is served no further than the limit; all come once it reads", async () => {
    const ASKED = 400;
    let served = 0;
    const kv = async (): Promise<{ ok: true; value: KvResult }> => {
      served += 1;
      return Promise.resolve({ ok: true, value: { value: VALUE } });
    };
    await using pair = await linkTo({ kv });
    const get = (number: number) => message("kv", { action: "get", key: "k" }, `own-${number}`);
    pair.plugin.write(Buffer.concat(Array.from({ length: ASKED }, (_, number) => get(number))));
    const most = MAX_QUEUED_BYTES / VALUE.length + AT_ONCE + 1;
    await until("the queue is full", () => served * VALUE.length > MAX_QUEUED_BYTES);
    await Bun.sleep(100);
    expect(served).toBeLessThanOrEqual(most);
    let received = 0;
    pair.plugin.on("data", (chunk) => (received += chunk.length));
    pair.plugin.resume();
    await until("all answers have arrived", () => received > ASKED * VALUE.length);
    expect(served).toBe(ASKED);
  });

  test("while the log is full, nothing more is read from the plugin", async () => {
    const room = Promise.withResolvers<void>();
    const lines: string[] = [];
    const log: PluginServices["log"] = ({ message }) => {
      lines.push(message);
      return lines.length === 3 ? room.promise : null;
    };
    await using pair = await linkTo({ log });
    const line = (number: number) => message("log", { level: "info", message: `line ${number}` });
    pair.plugin.write(Buffer.concat([1, 2, 3, 4, 5].map(line)));
    await until("three lines are there", () => lines.length === 3);
    // The answer to a request of its own must not start the reading again.
    pair.plugin.write(message("kv", { action: "get", key: "k" }, "own-1"));
    await Bun.sleep(30);
    expect(lines).toHaveLength(3);
    room.resolve();
    await until("the others follow", () => lines.length === 5);
    expect(lines).toEqual([1, 2, 3, 4, 5].map((number) => `line ${number}`));
  });

  test("a connection that is lost right behind ready is no ready connection", async () => {
    await using pair = await linkTo({});
    const paths = { socketPath: "/s", logPath: "/l", dataDir: "/d" };
    // Time stands still, else a busy machine may let others have their turn between the two.
    using clock = spyOn(performance, "now").mockReturnValue(performance.now());
    const outcome = pair.link.init({ pluginId: "acme", instanceId: "i", ...paths });
    pair.plugin.resume();
    const garbage = Buffer.from([0, 0, 0, 1, 0x67]);
    pair.plugin.write(Buffer.concat([message("lifecycle", { action: "ready", features: [] }, "1"), garbage]));
    expect(await outcome).toContain("broke the protocol");
    expect(clock).toHaveBeenCalled();
  });
});
