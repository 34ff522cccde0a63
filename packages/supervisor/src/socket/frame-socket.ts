import { FrameDecoder, KIND_DATA, parsePayload, ProtocolError, release, retain } from "@toru/protocol";
import { TurnShare } from "../turn-share.ts";

/**
 * Bytes that may wait for a plugin that does not read; more is a fault of the caller, who checks `queuedBytes` or waits
 * for `room`.
 */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** Small frames of one turn of the event loop are sent together, in pieces of at most this. */
const MAX_GATHERED_BYTES = 64 * 1024;

export interface FrameSocketHandlers {
  /** True where the plugin says it of its own accord, and not as an answer that somebody waits for. */
  onMessage(message: Record<string, unknown>): boolean;
  /** The payload of a data frame. Without it one is a fault of the plugin. */
  onData?(payload: Uint8Array): void;
  /** Once. `fault` is what the plugin did wrong on the wire, null where it just ended the connection. */
  onClose(fault: ProtocolError | null): void;
  /** Whether requests for other plugins are on their way. */
  othersAreAsked(): boolean;
}

/** One connection to a plugin, as a sequence of JSON messages. */
export class FrameSocket {
  readonly #decoder: FrameDecoder;
  readonly #handlers: FrameSocketHandlers;
  #socket: Bun.Socket | null = null;
  /** Received and not delivered yet; the first is with the decoder. */
  #chunks: Uint8Array[] = [];
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #flushPlanned = false;
  #awaitsDrain = false;
  #endAfterQueue = false;
  #closed = false;
  #paused = false;
  readonly #share: TurnShare;
  /** The share of this turn is used up: what has arrived waits for a later one. */
  #resting = false;
  /** The connection has ended behind what has arrived. */
  #end: "orderly" | "lost" | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  private constructor(maxFrameBytes: number, handlers: FrameSocketHandlers) {
    this.#decoder = new FrameDecoder(maxFrameBytes);
    this.#handlers = handlers;
    this.#share = new TurnShare(() => handlers.othersAreAsked());
  }

  /** Rejects with the system's error: ENOENT, or ECONNREFUSED for a full backlog as well as for a dead listener. */
  static async connect(path: string, maxFrameBytes: number, handlers: FrameSocketHandlers): Promise<FrameSocket> {
    const self = new FrameSocket(maxFrameBytes, handlers);
    self.#socket = await Bun.connect({
      unix: path,
      allowHalfOpen: true,
      socket: {
        data: (_socket, chunk) => self.#receive(chunk),
        drain: () => self.#flush(),
        end: () => self.#ended("orderly"),
        close: () => self.#ended("lost"),
        error: () => self.#ended("lost"),
      },
    });
    return self;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a frame in one write; what the kernel does not take at once follows when it has room. Then it is released. */
  send(frame: Uint8Array): void {
    if (this.#closed || this.#endAfterQueue || this.#socket === null) return;
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#flushPlanned || this.#awaitsDrain) return;
    this.#flushPlanned = true;
    setImmediate(() => this.#flush());
  }

  /** Closes the writing side once everything is sent; the plugin sees end of file and may still answer. */
  endWrites(): void {
    this.#endAfterQueue = true;
    if (!this.#awaitsDrain) this.#flush();
  }

  /** Resolves when no more than `MAX_QUEUED_BYTES` wait to be sent, or the connection is closed. */
  room(): Promise<void> {
    if (this.#closed || this.#queuedBytes <= MAX_QUEUED_BYTES) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** No message is delivered until `resume`: a plugin which sends faster than it is served waits. */
  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#closed || !this.#paused) return;
    this.#paused = false;
    this.#deliver();
    this.#readOn();
  }

  close(): void {
    this.#finish(null);
  }

  /** Sends what is queued, as far as the kernel takes it; `drain` goes on with the rest. */
  #flush(): void {
    this.#flushPlanned = false;
    this.#awaitsDrain = false;
    while (this.#socket !== null && !this.#closed && this.#queue.length > 0) {
      const next = this.#takeTogether();
      const written = Math.max(0, this.#socket.write(next));
      this.#queuedBytes -= written;
      if (this.#queuedBytes <= MAX_QUEUED_BYTES) this.#makeRoom();
      if (written < next.length) {
        this.#queue.unshift(next.subarray(written));
        this.#awaitsDrain = true;
        return;
      }
      release(next);
    }
    if (this.#endAfterQueue && !this.#closed) this.#socket?.shutdown();
  }

  /** The next frames as one piece, up to MAX_GATHERED_BYTES; a larger one goes alone and is not copied. */
  #takeTogether(): Uint8Array {
    let count = 0;
    let bytes = 0;
    for (const frame of this.#queue) {
      if (count > 0 && bytes + frame.length > MAX_GATHERED_BYTES) break;
      bytes += frame.length;
      count += 1;
    }
    const frames = this.#queue.splice(0, count);
    const [first] = frames;
    return frames.length === 1 && first !== undefined ? first : Buffer.concat(frames, bytes);
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  /** Bun makes a chunk anew for each read: it may be kept until it is this connection's turn again. */
  #receive(chunk: Uint8Array): void {
    retain(chunk);
    if (this.#chunks.push(chunk) === 1) this.#decoder.add(chunk);
    this.#share.begin();
    this.#deliver();
    if (this.#resting) this.#socket?.pause();
  }

  #deliver(): void {
    try {
      while (!this.#paused && !this.#resting && !this.#closed) {
        const payload = this.#next();
        if (payload === null) return this.#finishAtEnd();
        if (this.#share.count(this.#handle(payload))) this.#rest();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#finish(error);
    }
  }

  /** True as `onMessage` says it; the bytes of a stream were granted. */
  #handle(payload: Uint8Array): boolean {
    const handlers = this.#handlers;
    if (payload[0] !== KIND_DATA || handlers.onData === undefined) return handlers.onMessage(parsePayload(payload));
    handlers.onData(payload);
    return false;
  }

  #next(): Uint8Array | null {
    while (this.#chunks.length > 0) {
      const payload = this.#decoder.next();
      if (payload !== null) return payload;
      const cut = this.#chunks.shift();
      if (cut !== undefined) release(cut);
      const [following] = this.#chunks;
      if (following !== undefined) this.#decoder.add(following);
    }
    return null;
  }

  /** Lets everybody else have their turn, where more is left to deliver or the plugin wants too much. */
  #rest(): void {
    if (this.#chunks.length === 1 && !this.#decoder.hasInput && !this.#share.mustRest) return;
    this.#resting = true;
    void this.#share.next().then(() => {
      this.#resting = false;
      this.#deliver();
      this.#readOn();
    });
  }

  #readOn(): void {
    if (!this.#paused && !this.#resting && !this.#closed) this.#socket?.resume();
  }

  /** What the plugin said before the end is delivered before it. */
  #ended(how: "orderly" | "lost"): void {
    this.#end ??= how;
    if (this.#chunks.length === 0) this.#finishAtEnd();
  }

  /** An orderly end inside of a frame is a fault of the plugin. */
  #finishAtEnd(): void {
    if (this.#end === null) return;
    try {
      if (this.#end === "orderly") this.#decoder.end();
      this.#finish(null);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#finish(error);
    }
  }

  #finish(fault: ProtocolError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#chunks = [];
    this.#makeRoom();
    this.#socket?.terminate();
    this.#handlers.onClose(fault);
  }
}
