/** Waits between attempts to connect, in milliseconds; the last one repeats. */
const ATTEMPT_DELAYS_MS = [2, 5, 10, 20, 40];
/** Bytes behind which there is a pause when they are written one at a time. */
const SLOW_BYTES = 16;
/** Nobody listens yet, or the backlog of a plugin of version 1 is full. */
const TRANSIENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EAGAIN"]);

export interface SocketEvents {
  onData(chunk: Uint8Array): void;
  /** Once: the plugin has closed the connection or its writing side, or we have. */
  onEnd(): void;
}

/** A Unix socket as bytes. What comes before `listen` is kept for it. */
export class ByteSocket {
  #socket: Bun.Socket | null = null;
  #events: SocketEvents | null = null;
  #early: Uint8Array[] = [];
  #queue: Uint8Array[] = [];
  #ended = false;
  #drained = Promise.withResolvers<void>();

  /** Tries until somebody listens. Null where `signal` was aborted first; `lastError` then tells what the system said. */
  static async connect(path: string, signal: AbortSignal): Promise<ByteSocket | { lastError: string }> {
    let lastError = "nothing was tried";
    for (let tries = 0; !signal.aborted; tries++) {
      const self = new ByteSocket();
      try {
        await self.#open(path);
        return self;
      } catch (error) {
        lastError = (error as NodeJS.ErrnoException).code ?? String(error);
        if (!TRANSIENT.has(lastError)) break;
      }
      await Bun.sleep(ATTEMPT_DELAYS_MS[Math.min(tries, ATTEMPT_DELAYS_MS.length - 1)] ?? 0);
    }
    return { lastError };
  }

  get ended(): boolean {
    return this.#ended;
  }

  listen(events: SocketEvents): void {
    this.#events = events;
    for (const chunk of this.#early.splice(0)) events.onData(chunk);
    if (this.#ended) events.onEnd();
  }

  /** Resolves when the system has taken all bytes, or the connection has ended. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended) return;
    this.#queue.push(bytes);
    if (this.#queue.length === 1) {
      this.#drained = Promise.withResolvers();
      this.#flush();
    }
    await this.#drained.promise;
  }

  /** Writes one byte at a time. The first ones, with the length, surely arrive alone; others may on a busy machine. */
  async writeBytewise(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#ended; at++) {
      await this.write(bytes.subarray(at, at + 1));
      await Bun.sleep(at < SLOW_BYTES ? 2 : 0);
    }
  }

  /** Closes the writing side; the plugin reads end of file and may still answer. */
  endWrites(): void {
    if (!this.#ended) this.#socket?.shutdown();
  }

  close(): void {
    this.#finish();
    this.#socket?.terminate();
  }

  async #open(path: string): Promise<void> {
    this.#socket = await Bun.connect({
      unix: path,
      allowHalfOpen: true,
      socket: {
        data: (_socket, chunk) => {
          if (this.#events === null) this.#early.push(Uint8Array.from(chunk));
          else if (!this.#ended) this.#events.onData(chunk);
        },
        drain: () => this.#flush(),
        end: () => this.#finish(),
        close: () => this.#finish(),
        error: () => this.#finish(),
      },
    });
  }

  #flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const written = Math.max(0, this.#socket?.write(next) ?? 0);
      if (written < next.length) {
        this.#queue[0] = next.subarray(written);
        return;
      }
      this.#queue.shift();
    }
    this.#drained.resolve();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#drained.resolve();
    this.#events?.onEnd();
  }
}
