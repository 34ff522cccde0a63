/** Largest payload of a frame, in bytes; the length in front of it is not counted. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const HEADER_BYTES = 4;

export type CodecErrorCode =
  | "frame_length"
  | "frame_truncated"
  | "frame_kind"
  | "invalid_utf8"
  | "invalid_json"
  | "invalid_message"
  | "stream_window";

/** What was wrong with bytes that came. The codes are those of the protocol's document. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame around these bytes, whatever they are. `length` overrides the announced length, for frames that are wrong. */
export function frameOf(payload: Uint8Array, length = payload.length): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  new DataView(frame.buffer).setUint32(0, length);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Cuts a stream of bytes into the payloads of its frames. Memory follows what has arrived. */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #length: number | null = null;

  /** The payloads that are complete now. Throws a CodecError at a length that is not allowed. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#parts.push(Uint8Array.from(chunk));
    this.#bytes += chunk.length;
    const payloads: Uint8Array[] = [];
    for (;;) {
      this.#length ??= this.#readLength();
      if (this.#length === null || this.#bytes < HEADER_BYTES + this.#length) return payloads;
      payloads.push(this.#take(HEADER_BYTES + this.#length).subarray(HEADER_BYTES));
      this.#length = null;
    }
  }

  /** The stream has ended. Throws a CodecError where that was inside a frame. */
  end(): void {
    if (this.#bytes === 0) return;
    const wanted = this.#length === null ? "its length" : `the ${this.#length} bytes that it announced`;
    throw new CodecError("frame_truncated", `the connection ended inside a frame, before ${wanted}`);
  }

  #readLength(): number | null {
    if (this.#bytes < HEADER_BYTES) return null;
    const all = this.#join();
    const length = new DataView(all.buffer, all.byteOffset).getUint32(0);
    if (length >= 1 && length <= MAX_FRAME_BYTES) return length;
    throw new CodecError("frame_length", `a frame announced ${length} bytes; 1 to ${MAX_FRAME_BYTES} are allowed`);
  }

  #take(count: number): Uint8Array {
    const all = this.#join();
    this.#parts = all.length === count ? [] : [all.subarray(count)];
    this.#bytes -= count;
    return all.subarray(0, count);
  }

  #join(): Uint8Array {
    const [only] = this.#parts;
    const joined = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [joined];
    return joined;
  }
}
