import { describe, expect, test } from "bun:test";
import { encodeFrame, type ProtocolError } from "@toru/protocol";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import { FrameSocket, MAX_QUEUED_BYTES } from "./frame-socket.ts";

const MAX_FRAME_BYTES = 16 * 1024 * 1024;

function frame(message: unknown): Buffer {
  return encodeFrame(message) ?? Buffer.alloc(0);
}

/** A plugin's end of the connection, and ours. */
class Pair implements AsyncDisposable {
  readonly messages: Record<string, unknown>[] = [];
  closes: (ProtocolError | null)[] = [];
  onMessage: () => void = () => undefined;

  private constructor(
    readonly folder: AsyncDisposable,
    readonly server: Server,
    readonly peer: Socket,
    readonly socket: FrameSocket,
  ) {}

  static async open(): Promise<Pair> {
    const folder = await temporaryFolder();
    const path = join(folder.path, "s.sock");
    const accepted = Promise.withResolvers<Socket>();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accepted.resolve);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const opened: { pair: Pair | null } = { pair: null };
    const socket = await FrameSocket.connect(path, MAX_FRAME_BYTES, {
      onMessage: (message) => {
        opened.pair?.messages.push(message);
        opened.pair?.onMessage();
        return false;
      },
      othersAreAsked: () => false,
      onClose: (fault) => opened.pair?.closes.push(fault),
    });
    opened.pair = new Pair(folder, server, await accepted.promise, socket);
    opened.pair.peer.on("error", () => opened.pair?.peer.destroy());
    return opened.pair;
  }

  /** Everything that the plugin's end receives until the end of file. */
  async received(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    this.peer.on("data", (chunk) => chunks.push(chunk as Buffer));
    const ended = new Promise((resolve) => this.peer.once("end", resolve));
    this.peer.resume();
    await ended;
    return Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    this.peer.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await this.folder[Symbol.asyncDispose]();
  }
}

/** Sends until a frame more is queued than may be, so that what the kernel takes makes no room; so many frames are surely more than the kernel takes besides. */
function fill(socket: FrameSocket, frame: Buffer): void {
  const most = (2 * MAX_QUEUED_BYTES) / frame.length;
  for (let sent = 0; sent < most && socket.queuedBytes <= MAX_QUEUED_BYTES + frame.length; sent++) socket.send(frame);
  expect(socket.queuedBytes).toBeGreaterThan(MAX_QUEUED_BYTES);
}

describe("FrameSocket", () => {
  test("a peer that does not read: what is sent waits, and then arrives whole and in order", async () => {
    await using pair = await Pair.open();
    const frames = Array.from({ length: 24 }, (_, number) => frame({ number, text: "x".repeat(1_000_000) }));
    for (const one of frames) pair.socket.send(one);
    expect(pair.socket.queuedBytes).toBeGreaterThan(20_000_000);
    pair.socket.endWrites();
    expect((await pair.received()).equals(Buffer.concat(frames))).toBe(true);
    expect(pair.socket.queuedBytes).toBe(0);
  });

  test("endWrites to a peer that has room closes the writing side only: an answer still arrives", async () => {
    await using pair = await Pair.open();
    pair.socket.send(frame({ question: 1 }));
    pair.socket.endWrites();
    expect((await pair.received()).equals(frame({ question: 1 }))).toBe(true);
    pair.peer.write(frame({ answer: 1 }));
    await until("the answer is there", () => pair.messages.length === 1);
    expect(pair.closes).toEqual([]);
    pair.socket.send(frame({ late: true }));
    expect(pair.socket.queuedBytes).toBe(0);
  });

  test("room: waits while more than the limit is queued, until the peer reads or is gone", async () => {
    await using pair = await Pair.open();
    await pair.socket.room();
    const large = frame({ text: "x".repeat(8 * 1024 * 1024) });
    fill(pair.socket, large);
    let hasRoom = false;
    const waiting = pair.socket.room().then(() => (hasRoom = true));
    await Bun.sleep(20);
    expect(hasRoom).toBe(false);
    pair.peer.resume();
    await waiting;
    pair.peer.pause();
    fill(pair.socket, large);
    const waitingAgain = pair.socket.room();
    pair.peer.destroy();
    await waitingAgain;
    await until("the end is known", () => pair.closes.length === 1);
    expect(pair.socket.queuedBytes).toBe(0);
  });

  test("pause holds back messages that arrived together with the one before, and resume delivers them in order", async () => {
    await using pair = await Pair.open();
    pair.onMessage = () => pair.socket.pause();
    pair.peer.write(Buffer.concat([1, 2, 3].map((number) => frame({ number }))));
    for (const count of [1, 2, 3]) {
      await until(`message ${count} is there`, () => pair.messages.length >= count);
      await Bun.sleep(10);
      expect(pair.messages).toHaveLength(count);
      pair.socket.resume();
    }
    expect(pair.messages).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    pair.onMessage = () => undefined;
    pair.socket.resume();
    pair.peer.write(frame({ number: 4 }));
    await until("reading goes on", () => pair.messages.length === 4);
  });

  test("messages that arrived together and take long to handle leave every other turn to others", async () => {
    await using pair = await Pair.open();
    const turns: number[] = [];
    let turn = 0;
    const count = () => {
      turn += 1;
      if (turns.length < 20) setImmediate(count);
    };
    pair.onMessage = () => {
      turns.push(turn);
      for (const until = performance.now() + 1; performance.now() < until;);
    };
    count();
    pair.peer.write(Buffer.concat(Array.from({ length: 20 }, (_, index) => frame({ index }))));
    await until("all messages", () => pair.messages.length === 20);
    expect(new Set(turns).size).toBe(20);
    expect(pair.messages).toEqual(Array.from({ length: 20 }, (_, index) => ({ index })));
  });

  test("what arrived before the end is delivered before the end, also after a pause", async () => {
    await using pair = await Pair.open();
    pair.onMessage = () => pair.socket.pause();
    pair.peer.end(Buffer.concat([frame({ number: 1 }), frame({ number: 2 })]));
    await until("the first is there", () => pair.messages.length === 1);
    await Bun.sleep(20);
    expect(pair.closes).toEqual([]);
    pair.onMessage = () => undefined;
    pair.socket.resume();
    await until("the end is there", () => pair.closes.length === 1);
    expect(pair.messages).toEqual([{ number: 1 }, { number: 2 }]);
    expect(pair.closes).toEqual([null]);
  });

  test("what arrived before the peer was gone altogether is delivered before the end, too", async () => {
    await using pair = await Pair.open();
    pair.onMessage = () => pair.socket.pause();
    pair.peer.write(Buffer.concat([frame({ number: 1 }), frame({ number: 2 })]));
    await until("the first is there", () => pair.messages.length === 1);
    pair.peer.destroy();
    await Bun.sleep(50);
    expect(pair.closes).toEqual([]);
    pair.onMessage = () => undefined;
    pair.socket.resume();
    await until("the end is there", () => pair.closes.length === 1);
    expect(pair.messages).toEqual([{ number: 1 }, { number: 2 }]);
  });

  test("a paused connection keeps a flood with its sender", async () => {
    await using pair = await Pair.open();
    pair.socket.pause();
    const flood = frame({ text: "x".repeat(64 * 1024) });
    for (let number = 0; number < 500; number++) pair.peer.write(flood);
    await Bun.sleep(50);
    expect(pair.messages).toEqual([]);
    expect(pair.peer.writableLength).toBeGreaterThan(20 * 1024 * 1024);
    pair.socket.resume();
    await until("all of it is there", () => pair.messages.length === 500);
  });

  for (const [what, bytes, code] of [
    ["a length of 0", Buffer.alloc(4), "frame_length"],
    ["a length over the limit", Buffer.of(0xff, 0xff, 0xff, 0xff), "frame_length"],
    ["a message that is no JSON", Buffer.from("\0\0\0\x02{]"), "invalid_json"],
    ["a byte that is no message", Buffer.from("\0\0\0\x01x"), "frame_kind"],
  ] as const) {
    test(`${what} closes the connection and tells what was wrong, once`, async () => {
      await using pair = await Pair.open();
      pair.peer.write(frame({ fine: true }));
      await until("the first is there", () => pair.messages.length === 1);
      pair.peer.end(bytes);
      await until("it is closed", () => pair.closes.length > 0);
      await Bun.sleep(10);
      expect(pair.closes.map((fault) => fault?.code)).toEqual([code]);
      expect(pair.socket.closed).toBe(true);
    });
  }

  test("messages in front of a fault are delivered before it, also after a pause", async () => {
    for (const pauses of [false, true]) {
      await using pair = await Pair.open();
      pair.onMessage = () => {
        if (pauses && pair.messages.length === 1) pair.socket.pause();
      };
      pair.peer.write(Buffer.concat([frame({ number: 1 }), frame({ number: 2 }), Buffer.alloc(4)]));
      await until("the first message is there", async () => pair.messages.length > 0);
      pair.socket.resume();
      await until("the fault is told", async () => pair.closes.length > 0);
      expect(pair.messages.map(({ number }) => number)).toEqual([1, 2]);
      expect(pair.closes[0]?.code).toBe("frame_length");
    }
  });

  test("an end inside a frame is a fault", async () => {
    await using pair = await Pair.open();
    pair.peer.end(frame({ half: true }).subarray(0, 6));
    await until("it is closed", () => pair.closes.length > 0);
    expect(pair.closes.map((fault) => fault?.code)).toEqual(["frame_truncated"]);
  });

  test("nobody listens: the system's error", async () => {
    await using folder = await temporaryFolder();
    const handlers = { onMessage: () => false, onClose: () => undefined, othersAreAsked: () => false };
    const connecting = FrameSocket.connect(join(folder.path, "none.sock"), MAX_FRAME_BYTES, handlers);
    expect(await connecting.catch((error: NodeJS.ErrnoException) => error.code)).toBe("ENOENT");
  });
});
