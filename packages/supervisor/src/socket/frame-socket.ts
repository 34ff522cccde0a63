import { FrameDecoder, parsePayload, ProtocolError } from "@toru/protocol";

/**
 * Bytes that may wait for a plugin that does not read; more is a fault of the caller, who checks `queuedBytes` or waits
 * for `room`.
 */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

export interface FrameSocketHandlers {
  onMessage(message: Record<string, unknown>): void;
  /** Once. `fault` is what the plugin did wrong on the wire, null where it just ended the connection. */
  onClose(fault: ProtocolError | null): void;
}

/** One connection to a plugin, as a sequence of JSON messages. */
export class FrameSocket {
  readonly #decoder: FrameDecoder;
  readonly #handlers: FrameSocketHandlers;
  #socket: Bun.Socket | null = null;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #endAfterQueue = false;
  #closed = false;
  /** Payloads that have arrived; those from `#nextUnread` on wait for `resume`. */
  #unread: Uint8Array[] = [];
  #nextUnread = 0;
  #paused = false;
  /** The connection has ended behind what is unread. */
  #end: { fault: ProtocolError | null } | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  private constructor(maxFrameBytes: number, handlers: FrameSocketHandlers) {
    this.#decoder = new FrameDecoder(maxFrameBytes);
    this.#handlers = handlers;
  }

  /** Rejects with the system's error: ENOENT, or ECONNREFUSED for a full backlog as well as for a dead listener. */
  static async connect(path: string, maxFrameBytes: number, handlers: FrameSocketHandlers): Promise<FrameSocket> {
    const self = new FrameSocket(maxFrameBytes, handlers);
    self.#socket = await Bun.connect({
      unix: path,
      allowHalfOpen: true,
      socket: {
        data: (_socket, chunk) => self.#receive(chunk),
        drain: () => self.#drain(),
        end: () => self.#ended(self.#faultAtEnd()),
        close: () => self.#ended(null),
        error: () => self.#ended(null),
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

  /** Sends a frame in one write; what the kernel does not take at once follows when it has room. */
  send(frame: Uint8Array): void {
    if (this.#closed || this.#endAfterQueue || this.#socket === null) return;
    if (this.#queuedBytes > 0) return this.#enqueue(frame);
    const written = Math.max(0, this.#socket.write(frame));
    if (written < frame.length) this.#enqueue(frame.subarray(written));
  }

  /** Closes the writing side once everything is sent; the plugin sees end of file and may still answer. */
  endWrites(): void {
    this.#endAfterQueue = true;
    if (this.#queuedBytes === 0 && !this.#closed) this.#socket?.shutdown();
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
    if (!this.#paused && !this.#closed) this.#socket?.resume();
  }

  close(): void {
    this.#finish(null);
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #drain(): void {
    while (this.#socket !== null && !this.#closed) {
      const [next] = this.#queue;
      if (next === undefined) break;
      const written = Math.max(0, this.#socket.write(next));
      this.#queuedBytes -= written;
      if (this.#queuedBytes <= MAX_QUEUED_BYTES) this.#makeRoom();
      if (written < next.length) {
        this.#queue[0] = next.subarray(written);
        return;
      }
      this.#queue.shift();
    }
    if (this.#endAfterQueue) this.#socket?.shutdown();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #receive(chunk: Uint8Array): void {
    try {
      const payloads = this.#decoder.push(chunk);
      this.#unread = this.#unread.length === 0 ? payloads : this.#unread.concat(payloads);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#finish(error);
    }
    this.#deliver();
    // They are views of a chunk that is not ours to keep.
    if (this.#unread.length > 0) this.#unread = this.#unread.map((payload) => payload.slice());
  }

  #deliver(): void {
    try {
      while (!this.#paused && !this.#closed) {
        const payload = this.#unread[this.#nextUnread];
        if (payload === undefined) break;
        this.#nextUnread += 1;
        this.#handlers.onMessage(parsePayload(payload));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#finish(error);
    }
    this.#unread = this.#unread.slice(this.#nextUnread);
    this.#nextUnread = 0;
    if (this.#end !== null && this.#unread.length === 0) this.#finish(this.#end.fault);
  }

  /** What the plugin said before the end is delivered before it. */
  #ended(fault: ProtocolError | null): void {
    if (this.#unread.length === 0) this.#finish(fault);
    else this.#end ??= { fault };
  }

  #faultAtEnd(): ProtocolError | null {
    try {
      this.#decoder.end();
      return null;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return error;
    }
  }

  #finish(fault: ProtocolError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#unread = [];
    this.#makeRoom();
    this.#socket?.terminate();
    this.#handlers.onClose(fault);
  }
}
