/** What the host does with bytes of a plugin, from a real socket to the answers that its clients get. */
import { encodeFrame, parseKvOperation, v2 } from "@toru/protocol";
import { createServer, type Server, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LinkLimits, PluginServices } from "../../packages/supervisor/src/link/plugin-link.ts";
import { V1Link } from "../../packages/supervisor/src/link/v1-link.ts";
import { V2Link } from "../../packages/supervisor/src/link/v2-link.ts";
import type { Dice } from "./dice.ts";
import { ALL, DATA_FRAMES, FROM_PLUGIN } from "./golden.ts";
import { changeFields, mutate, toFrame } from "./mutate.ts";

const LIMITS: LinkLimits = {
  maxFrameBytes: 16 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  kvTimeoutMs: 30_000,
  healthIntervalMs: 30_000,
  startTimeoutMs: 30_000,
};
const SERVICES: PluginServices = {
  kv: (input) => {
    const parsed = parseKvOperation(input);
    return Promise.resolve(parsed.ok ? { ok: true, value: { value: null } } : parsed);
  },
  log: () => null,
  othersAreAsked: () => false,
  warn: () => undefined,
};
const MAX_FRAMES = 10;
const MAX_CUTS = 3;
const REQUESTS = 3;
const INFO = { pluginId: "p", instanceId: "i", socketPath: "/s", logPath: "/l", dataDir: "/d" };

/** A plugin that says what it likes. */
export class HostLinkFuzzer implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  #accepted = Promise.withResolvers<Socket>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.resume();
      this.#accepted.resolve(socket);
    });
  }

  static async start(): Promise<HostLinkFuzzer> {
    const fuzzer = new HostLinkFuzzer(await mkdtemp(join(tmpdir(), "toru-fuzz-")));
    await new Promise<void>((resolve) => fuzzer.#server.listen(fuzzer.#path, resolve));
    return fuzzer;
  }

  get #path(): string {
    return join(this.#folder, "s.sock");
  }

  /** A plugin of version 1 says what it likes to one request. Returns how many frames it sent. */
  async checkV1(dice: Dice): Promise<number> {
    this.#accepted = Promise.withResolvers();
    const link = new V1Link(this.#path, LIMITS, SERVICES);
    const request = { method: "GET", path: "/", headers: {}, body: null };
    const answer = dice.oneIn(4) ? link.kv({ action: "get", key: "k" }, null) : link.http(request, null);
    const plugin = await this.#accepted.promise;
    const frames = dice.some(MAX_FRAMES, () => toFrame(dice, anyPayload(dice, 1)));
    for (const piece of dice.cut(Buffer.concat(frames), MAX_CUTS)) plugin.write(piece);
    plugin.end();
    await answer;
    return frames.length;
  }

  /** One connection with some requests of clients, which all end. Returns how many frames the plugin sent. */
  async checkV2(dice: Dice): Promise<number> {
    this.#accepted = Promise.withResolvers();
    let losses = 0;
    const link = await V2Link.connect(this.#path, LIMITS, SERVICES, () => (losses += 1));
    const plugin = await this.#accepted.promise;
    const initialised = link.init(INFO);
    const features = dice.pick([[], ["stream"], ["stream", "websocket"]]);
    plugin.write(encodeFrame(v2.envelope("lifecycle", { action: "ready", features }, "1")) ?? "");
    await initialised;
    const answers = Array.from({ length: REQUESTS }, () => ask(link, dice));
    const frames = dice.some(MAX_FRAMES, () => toFrame(dice, anyPayload(dice, 2 + dice.below(REQUESTS))));
    for (const piece of dice.cut(Buffer.concat(frames), MAX_CUTS)) plugin.write(piece);
    plugin.end();
    await Promise.all(answers);
    link.close({ code: "died", message: "the case is over" });
    plugin.destroy();
    if (losses > 1) throw new Error(`the connection was lost ${losses} times`);
    return frames.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Most are replies to what is waited for. */
function anyPayload(dice: Dice, requestId: number): Buffer {
  const golden = dice.pick(dice.oneIn(5) ? DATA_FRAMES : FROM_PLUGIN);
  const changed = dice.oneIn(3) ? golden : dice.oneIn(30) ? mutate(dice, golden, ALL) : changeFields(dice, golden);
  const id = `"request_id":"${requestId}"`;
  return Buffer.from(changed.toString("latin1").replace(/"request_id":"[^"]*"/, id), "latin1");
}

/** Resolves when the client has its answer with all of its body, or an error. */
async function ask(link: V2Link, dice: Dice): Promise<void> {
  const request = { method: "GET", path: "/", headers: {}, body: null };
  if (dice.oneIn(4)) return void (await link.kv({ action: "get", key: "k" }, null));
  if (dice.oneIn(4)) {
    const answer = await link.upgrade(request, new ReadableStream({ start: (client) => client.close() }), null);
    if (answer.ok && answer.value.accepted) await readAll(answer.value.messages);
    return;
  }
  const sent = dice.oneIn(2) && link.takesStreams ? new Blob(["x".repeat(1000)]).stream() : null;
  const answer = await link.http({ ...request, body: sent }, null);
  if (answer.ok && answer.value.body instanceof ReadableStream) await readAll(answer.value.body);
}

/** A stream that ends badly is an end, too. */
async function readAll(stream: ReadableStream<unknown>): Promise<void> {
  const reader = stream.getReader();
  let isDone = false;
  while (!isDone)
    isDone = await reader.read().then(
      ({ done }) => done,
      () => true,
    );
}
