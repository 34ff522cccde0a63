import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StartedPlugin, StartOptions } from "@toru/plugin/testing";
import { HostLink } from "../src/testing/host-link.ts";
import { encodeDataFrame } from "../src/wire/data-frame.ts";
import { RUNTIMES, until } from "./built-plugin.fixture.ts";
import { ask, fault, messages, sees, StreamsPlugin, text } from "./streams-plugin.fixture.ts";

const MIB = 1024 * 1024;
const WINDOW = 256 * 1024;
/** From a client that goes away to the handler, on a busy machine. */
const CANCEL_LIMIT_MS = 1_000;

let built: StreamsPlugin;
beforeAll(async () => {
  built = await StreamsPlugin.build();
});
afterAll(() => built[Symbol.asyncDispose]());

/** So many bytes in pieces, made as they are asked for. */
function bytes(count: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      const piece = new Uint8Array(Math.min(left, 50_000)).fill(left % 256);
      left -= piece.length;
      controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

async function digestOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of body) hash.update(piece);
  return hash.digest("hex");
}

describe.each([...RUNTIMES])("streams of a built plugin on %s", (runtime) => {
  const start = (options: StartOptions = {}) => built.start(runtime, options);
  const post = (plugin: StartedPlugin, at: string, body: BodyInit) => plugin.fetch(at, { method: "POST", body });

  test("a large body arrives byte for byte, and is read by whatever means", async () => {
    await using plugin = await start();
    const sha256 = await digestOf(bytes(20 * MIB + 5));
    expect(await (await post(plugin, "/digest", bytes(20 * MIB + 5))).json()).toEqual({ bytes: 20 * MIB + 5, sha256 });
    const words = "żółw ".repeat(100_000);
    expect(await (await post(plugin, "/whole?as=text", words)).json()).toBe(words);
    expect(await (await post(plugin, "/whole?as=json", JSON.stringify({ words }))).json()).toEqual({ words });
    expect(await (await post(plugin, "/whole?as=arrayBuffer", words)).json()).toBe(Buffer.byteLength(words));
    const form = new FormData();
    form.set("file", new File([words], "words.txt"));
    expect(await (await post(plugin, "/form", form)).json()).toEqual({
      name: "words.txt",
      size: Buffer.byteLength(words),
    });
    const small = await digestOf(bytes(70));
    expect(await (await post(plugin, "/digest", bytes(70))).json()).toEqual({ bytes: 70, sha256: small });
  });

  test("an answer of any size arrives byte for byte, many at once", async () => {
    await using plugin = await start();
    const sizes = [0, 1, 16_384, 16_385, 65_537, WINDOW, WINDOW + 1, 20 * MIB].flatMap((size) => [size, size]);
    const lengths = sizes.map(async (size) => {
      let [at, isRight] = [0, true];
      for await (const piece of (await plugin.fetch(`/count?bytes=${size}`)).body ?? []) {
        for (let index = 0; index < piece.length; index += 97) {
          isRight &&= piece[index] === ((at + index) % 50_000) % 251;
        }
        at += piece.length;
      }
      return isRight ? at : "other bytes";
    });
    expect(await Promise.all(lengths)).toEqual(sizes);
  });

  test("small answers that are there at once are inline; a host without the feature gets all of them so", async () => {
    await using plugin = await start();
    for (const [at, isStream] of [
      ["/ignore", false],
      ["/texts", false],
      ["/count?bytes=16384", false],
      ["/count?bytes=16385", true],
      ["/events", true],
    ] as const) {
      expect([at, (await ask(plugin, at)).incoming !== null]).toEqual([at, isStream]);
    }
    expect(await text(plugin, "/texts")).toBe("żółw");
    await using old = await start({ features: [] });
    expect((await ask(old, "/count?bytes=1000000")).incoming).toBeNull();
    expect((await (await old.fetch("/count?bytes=1000000")).bytes()).length).toBe(1_000_000);
    expect(await (await post(old, "/echo", "x".repeat(MIB))).text()).toBe("x".repeat(MIB));
    expect(await fault(text(old, "/count?bytes=17000000"))).toContain("too_large");
    await using half = await start({ features: ["websocket"] });
    expect((await ask(half, "/count?bytes=1000000")).incoming).toBeNull();
  });

  test("both directions at once: what is sent comes back while it is sent", async () => {
    await using plugin = await start();
    let isDone = false;
    const parts = ["first", "second", "third"];
    const answers: ((text: string) => void)[] = [];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const part = parts.shift();
        if (part === undefined) return controller.close();
        controller.enqueue(new TextEncoder().encode(part.padEnd(70_000)));
        // The next one only when this one has come back.
        const back = new Promise<string>((resolve) => answers.push(resolve));
        if (parts.length < 2) expect((await back).trim()).toBe(part);
        isDone = parts.length === 0;
      },
    });
    const answer = await post(plugin, "/echo", body);
    let text = "";
    for await (const piece of answer.body ?? []) {
      text += Buffer.from(piece).toString();
      while (text.length >= 70_000) {
        answers.shift()?.(text.slice(0, 70_000));
        text = text.slice(70_000);
      }
    }
    expect(isDone).toBe(true);
  });

  test.each(["/events", "/from"])(
    "%s: arrive one by one, each when it is made; cancel ends their generator",
    async (at) => {
      await using plugin = await start();
      const answer = await plugin.fetch(at);
      expect(answer.headers.get("content-type")).toBe(at === "/events" ? "text/event-stream" : null);
      const reader = answer.body?.getReader();
      for (let number = 0; number < 3; number += 1) {
        const { value } = (await reader?.read()) ?? {};
        expect(new TextDecoder().decode(value)).toBe(`data: ${number}\n\n`);
        await plugin.fetch("/open");
      }
      await reader?.cancel();
      await sees(plugin, "events ended");
      expect(messages(plugin)).toEqual([]);
    },
  );

  test("the answer of another server passes through while it comes, and is cancelled with the client", async () => {
    const source = new AbortController();
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        request.signal.addEventListener("abort", () => source.abort());
        const start = (controller: ReadableStreamDefaultController) => controller.enqueue("first");
        return new Response(new ReadableStream({ start }));
      },
    });
    await using plugin = await start();
    const reader = (await plugin.fetch(`/proxy?url=${encodeURIComponent(server.url.href)}`)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    await reader?.cancel();
    await until("the other server hears of it", () => source.signal.aborted);
    expect(messages(plugin)).toEqual([]);
  });

  test("an open stream counts as a request in flight: one over the bound is refused as busy", async () => {
    await using plugin = await start();
    const answers = await Promise.all(Array.from({ length: 1024 }, () => plugin.fetch("/silent")));
    expect(await fault(plugin.fetch("/ignore"))).toContain("busy");
    for (const { body } of answers) await body?.cancel();
    await until("there is room again", async () => (await fault(plugin.fetch("/ignore"))) === "no error");
  });

  test("a client that goes away cancels the body and aborts the signal, at once; so does a lost connection", async () => {
    await using plugin = await start();
    const answer = await plugin.fetch("/silent");
    const begin = performance.now();
    await answer.body?.cancel();
    await sees(plugin, "silent was cancelled: AbortError: the client has gone");
    expect(performance.now() - begin).toBeLessThan(CANCEL_LIMIT_MS);
    await sees(plugin, "silent was aborted: AbortError: the client has gone");
    const large = (await plugin.fetch(`/count?bytes=${20 * MIB}`)).body?.getReader();
    await large?.read();
    await large?.cancel();
    await sees(plugin, "counting was cancelled with some left");
    await plugin.fetch("/silent");
    plugin.link.close();
    await (plugin as StartedPlugin & { connect(): Promise<void> }).connect();
    await sees(plugin, "silent was cancelled: AbortError: the connection");
    expect(messages(plugin)).toEqual([]);
  });

  test("a handler that waits for nothing but its signal is not forgotten", async () => {
    await using plugin = await start(runtime === "node" ? { env: { NODE_OPTIONS: "--expose-gc" } } : {});
    plugin.link
      .exchange("http", { method: "GET", path: "/waits", headers: {}, body: null }, "w")
      .catch(() => undefined);
    await sees(plugin, "waits is in");
    for (let round = 0; round < 3; round += 1) await plugin.fetch("/collect");
    plugin.link.send("http", { cancel: true }, "w");
    await sees(plugin, "waits was aborted");
  });

  test("a cancel behind the head ends the stream as not complete", async () => {
    await using plugin = await start();
    const { incoming } = await plugin.link.exchange(
      "http",
      { method: "GET", path: "/silent", headers: {}, body: null },
      "mine",
    );
    plugin.link.send("http", { cancel: true }, "mine");
    expect(await fault(incoming?.next() ?? Promise.resolve())).toContain("AbortError");
    await sees(plugin, "silent was cancelled: AbortError: nobody waits");
  });

  test("no more is sent than was granted, and everything else goes on; no more is granted than was read", async () => {
    await using plugin = await start();
    const stalled = await ask(plugin, `/count?bytes=${4 * MIB}`);
    const sender = plugin.link.openStream();
    const later = ask(plugin, "/later", { method: "POST", stream: sender.id });
    let sent = 0;
    const sending = (async () => {
      for (; sent < 20; sent += 1) await sender.send(new Uint8Array(64 * 1024));
      sender.end();
    })();
    await until("the window is used up", () => sent === 4);
    expect((await (await plugin.fetch(`/count?bytes=${MIB}`)).bytes()).length).toBe(MIB);
    expect(await (await post(plugin, "/digest", bytes(MIB))).json()).toMatchObject({ bytes: MIB });
    expect(sent).toBe(4); // nothing of it was read
    await plugin.fetch("/open");
    expect((await later).payload["body"]).toBe(String(20 * 64 * 1024));
    await sending;
    let bytesRead = 0;
    for (;;) {
      const frame = await stalled.incoming?.next();
      if (frame === null || frame === undefined) break;
      bytesRead += frame.bytes.length;
    }
    expect(bytesRead).toBe(4 * MIB);
  });

  test("a body that is not read, or not to its end, is stopped; reading on behind the answer fails", async () => {
    await using plugin = await start();
    for (const at of ["/ignore", "/first", "/background"]) {
      const sender = plugin.link.openStream();
      const reply = ask(plugin, at, { method: "POST", stream: sender.id });
      for (let sent = 0; sent < 100 && !sender.hasEnded; sent += 1) await sender.send(new Uint8Array(64 * 1024));
      expect([at, sender.hasEnded]).toEqual([at, true]);
      expect((await reply).payload["status"]).toBe(200);
    }
    await plugin.fetch("/open");
    await sees(plugin, "the request was answered before its body was read to the end");
    expect(messages(plugin)).toEqual([]);
  });

  test("a body that is cut short fails whoever reads it", async () => {
    await using plugin = await start();
    const sender = plugin.link.openStream();
    const reply = ask(plugin, "/digest", { method: "POST", stream: sender.id });
    await sender.send(new Uint8Array(100_000));
    sender.abort();
    expect((await reply).payload).toMatchObject({ error: { code: "internal" } });
    expect(plugin.logs.at(-1)?.message).toBe("POST /digest failed");
    expect(plugin.logs.at(-1)?.error).toContain("what came is not all");
  });

  test("an answer that fails in the middle is cut and logged; one that fails at once is an error", async () => {
    await using plugin = await start();
    const answer = await plugin.fetch("/breaks");
    await plugin.fetch("/open");
    expect(await fault(answer.bytes())).toContain("AbortError");
    await until("it is logged", () => plugin.logs.length > 0);
    expect(plugin.logs.at(-1)).toMatchObject({
      level: "error",
      message: "GET /breaks failed in the middle of its answer",
    });
    expect(plugin.logs.at(-1)?.error).toContain("broken in the middle");
    expect(await fault(plugin.fetch("/breaks-at-once"))).toContain("internal");
    expect(await fault(plugin.fetch("/odd"))).toContain("internal");
    expect(plugin.logs.at(-1)?.error).toContain("gave object where a Uint8Array or a string is due");
  });

  test.each([
    { what: "bytes", size: WINDOW, count: 2 },
    { what: "frames", size: 0, count: 65_537 },
  ])("a host that sends more $what than may wait breaks the protocol", async ({ size, count }) => {
    await using plugin = await start();
    const later = fault(ask(plugin, "/later", { method: "POST", stream: 7 }));
    const piece = { stream: 7, bytes: new Uint8Array(size), isLast: false, isText: false, isAborted: false };
    for (let sent = 0; sent < count; sent += 1) plugin.link.write(encodeDataFrame(piece));
    expect(await later).toContain("no reply");
    await (plugin as StartedPlugin & { connect(): Promise<void> }).connect();
    await until("it is said", () => plugin.output.includes("the host sent more on stream 7 than 262144 bytes"));
    plugin.link.write(encodeDataFrame(piece)); // of a stream that nobody knows
    expect(await text(plugin, "/ignore")).toBe("not read");
  });

  test("a host that reads nothing holds up its own streams alone, and the plugin's memory stays bounded", async () => {
    await using plugin = await start();
    const answers = await Promise.all(Array.from({ length: 100 }, () => plugin.fetch(`/count?bytes=${2 * MIB}`)));
    const readers = answers.map((answer) => answer.bytes());
    plugin.link.pause();
    const second = await HostLink.open(join(plugin.dataDir, "../plugin.sock"), 10_000, () => null);
    await second.request("lifecycle", { action: "init", protocol: 2, features: ["stream"] });
    const asked = { method: "GET", path: `/count?bytes=${4 * MIB}`, headers: {}, body: null };
    const { incoming } = await second.exchange("http", asked);
    for (let frame = await incoming?.next(); frame; frame = await incoming?.next());
    second.close();
    plugin.link.resume();
    expect(new Set((await Promise.all(readers)).map(({ length }) => length))).toEqual(new Set([2 * MIB]));
    const status = await Bun.file(`/proc/${plugin.process.pid}/status`).text();
    const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    expect(peakMiB).toBeLessThan(300);
  });

  test("shutdown: a stream in flight has the grace to finish, then it is aborted", async () => {
    await using plugin = await start();
    const ended = (await plugin.fetch(`/count?bytes=${4 * MIB}`)).bytes();
    const stopping = plugin.stop(60_000);
    expect((await ended).length).toBe(4 * MIB);
    expect(await stopping).toBe(0);
    await using second = await start();
    const silent = await second.fetch("/silent");
    const pushes = await second.link.exchange("http", {
      method: "GET",
      path: "/pushes",
      headers: {},
      upgrade: "websocket",
      stream: second.link.openStream().id,
    });
    const cut = fault(silent.bytes());
    await pushes.incoming?.next();
    const socketEnd = fault(pushes.incoming?.next() ?? Promise.resolve());
    expect(await second.stop(50)).toBe(0);
    expect(await cut).toContain("AbortError: what came is not all");
    expect(await socketEnd).toContain("AbortError: what came is not all");
  });
});
