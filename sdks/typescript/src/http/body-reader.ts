import type { OutgoingStream } from "../stream/outgoing-stream.ts";

/** Bodies of up to so many bytes that are there at once travel inside of their message. */
export const MAX_INLINE_BYTES = 16 * 1024;

/** A body that no frame takes. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

interface Piece {
  done: boolean;
  value?: unknown;
}

/** Reads a body, and cancels it when nobody waits for it any more. */
export class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  /** Begun, and not waited for. */
  #reading: Promise<Piece> | null = null;
  #isComplete = false;
  readonly #cancelsLate: boolean;

  constructor(body: ReadableStream<unknown>, signal: AbortSignal) {
    this.#cancelsLate = cancelsLate(body);
    this.#reader = body.getReader();
    const cancel = () => this.cancel(signal.reason);
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  }

  /** Nothing follows what was read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The next bytes, null at the end. */
  async next(): Promise<Uint8Array | null> {
    return this.#taken(await this.#read());
  }

  /** All of it. Throws a BodyTooLarge where it is more than `limit` bytes. */
  async all(limit: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let piece = await this.next(); piece !== null; piece = await this.next()) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes <= limit) continue;
      this.cancel();
      throw new BodyTooLarge(`the body has more than ${limit} bytes, which is the most that one answer carries`);
    }
    return joined(pieces);
  }

  /** What is there before the event loop turns, and little more than `limit` bytes of it. */
  async atOnce(limit: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let turned: NodeJS.Immediate | undefined;
    const turn = new Promise<null>((resolve) => (turned = setImmediate(resolve, null)));
    for (let bytes = 0; bytes <= limit;) {
      const result = await Promise.race([this.#read(), turn]);
      if (result === null) break;
      const piece = this.#taken(result);
      if (piece === null) break;
      pieces.push(piece);
      bytes += piece.length;
    }
    clearImmediate(turned);
    return joined(pieces);
  }

  /** Sends `begin` and then what was not read yet, as fast as it is taken. Rejects, the stream aborted, where the body fails. */
  async sendTo(outgoing: OutgoingStream, begin: Uint8Array): Promise<void> {
    try {
      for (let piece: Uint8Array | null = begin; piece !== null && !outgoing.hasEnded; piece = await this.next()) {
        await outgoing.send(piece);
      }
      outgoing.end();
    } catch (error) {
      outgoing.abort();
      throw error;
    }
  }

  /** Nobody wants the rest. */
  cancel(reason?: unknown): void {
    const cancel = () => {
      this.#reader.cancel(reason).catch(() => undefined); // how the source takes it is its own affair
    };
    if (this.#cancelsLate && this.#reading !== null) this.#reading.then(cancel, () => undefined);
    else cancel();
  }

  #read(): Promise<Piece> {
    this.#reading ??= this.#reader.read();
    return this.#reading;
  }

  #taken({ done, value }: Piece): Uint8Array | null {
    this.#reading = null;
    this.#isComplete = done;
    return done ? null : toBytes(value);
  }
}

/**
 * Node makes a stream of bytes of `new Response(asyncIterable)`, and throws where nobody can catch it when an iterable ends
 * behind a cancel. So what was begun of one is waited for; the iterable has its request's signal to end by.
 */
function cancelsLate(body: ReadableStream<unknown>): boolean {
  if (process.versions.bun !== undefined) return false;
  try {
    body.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false; // no stream of bytes, or one that is read by somebody else, which getReader will say
  }
}

function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return Buffer.from(value);
  throw new TypeError(`the stream of a body gave ${typeof value} where a Uint8Array or a string is due`);
}

function joined(pieces: Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}
