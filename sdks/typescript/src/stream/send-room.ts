import type { Socket } from "node:net";

/** Bytes of all streams together that wait for the other side to read; more wait where they come from. */
const MAX_UNSENT_BYTES = 256 * 1024;

/** Where the streams of one connection wait while the other side does not read. They go on one by one, in their order. */
export class SendRoom {
  readonly #socket: Socket;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#next());
    socket.on("close", () => {
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  get isFull(): boolean {
    return !this.#socket.destroyed && this.#socket.writableLength > MAX_UNSENT_BYTES;
  }

  /** Resolves when it may be worth asking again. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #next(): void {
    if (this.isFull) return; // a drain follows
    const resolve = this.#waiting.shift();
    if (resolve === undefined) return;
    resolve();
    setImmediate(() => this.#next()); // it has written by then
  }
}
