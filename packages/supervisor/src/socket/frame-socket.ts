import { FrameDecoder, parsePayload, ProtocolError } from "@toru/protocol";

/** Bytes that may wait for a plugin that does not read; more is a fault of the caller, who checks `queuedBytes`. */
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
        end: () => self.#ended(),
        close: () => self.#finish(null),
        error: () => self.#finish(null),
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

  /** Stops reading, so that a plugin which sends faster than it is served waits. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket?.resume();
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
      if (written < next.length) {
        this.#queue[0] = next.subarray(written);
        return;
      }
      this.#queue.shift();
    }
    if (this.#endAfterQueue) this.#socket?.shutdown();
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const payload of this.#decoder.push(chunk)) {
        if (this.#closed) return;
        this.#handlers.onMessage(parsePayload(payload));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#finish(error);
    }
  }

  #ended(): void {
    try {
      this.#decoder.end();
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
    this.#socket?.terminate();
    this.#handlers.onClose(fault);
  }
}
