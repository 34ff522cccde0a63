import { ProtocolError } from "./protocol-error.ts";

/** Bytes of the big-endian length in front of every frame. */
export const FRAME_HEADER_BYTES = 4;
/** Largest payload of a frame unless the host is configured otherwise: 16 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Set aside for an unfinished frame at once, where so much was announced: most frames are smaller, and are then copied once. */
const PREPARED_BYTES = 128 * 1024;
const KIND_JSON = 0x7b; // "{"
const EMPTY = new Uint8Array(0);

/** Serialises one message to a frame. Returns null where the payload would be larger than `maxBytes`. */
export function encodeFrame(message: unknown, maxBytes = DEFAULT_MAX_FRAME_BYTES): Buffer | null {
  const json = JSON.stringify(message);
  // Never fewer bytes than UTF-16 units: spares counting what is far too large.
  if (json.length > maxBytes) return null;
  const length = Buffer.byteLength(json);
  if (length > maxBytes) return null;
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(json, FRAME_HEADER_BYTES, "utf8");
  return frame;
}

/**
 * Cuts a byte stream into frames. A length outside 1…maxBytes is refused before anything is kept for it; bytes of an
 * incomplete frame are copied to a buffer that beyond PREPARED_BYTES at most doubles as they arrive, so memory follows what
 * was received, never what was announced, and the work is linear however the stream is cut.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  /** Holds the unfinished frame from its header on; its first `#filled` bytes are received ones. */
  #buffer: Uint8Array = EMPTY;
  #filled = 0;
  /** Received and not cut yet. */
  #input: Uint8Array = EMPTY;

  constructor(maxBytes = DEFAULT_MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes received bytes, to be cut by `next`, where it has given null for those before. They are not copied: they must stay as
   * they are until it gives null again. What is kept beyond that is a copy.
   */
  add(chunk: Uint8Array): void {
    this.#input = chunk;
  }

  /** Whether bytes are there that `next` has not looked at. */
  get hasInput(): boolean {
    return this.#input.length > 0;
  }

  /**
   * The next payload that is complete, null where more bytes have to come. One that lies whole in an added chunk is a view of it,
   * not a copy. Throws at a wrong length; the connection is then at its end.
   */
  next(): Uint8Array | null {
    if (this.#filled > 0) return this.#complete();
    const input = this.#input;
    if (input.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + this.#checkedLength(input);
      if (input.length >= end) {
        this.#input = input.subarray(end);
        return input.subarray(FRAME_HEADER_BYTES, end);
      }
    }
    this.#take(input.length);
    return null;
  }

  /** Takes received bytes and returns the payloads now complete. Where it throws, those in front of the fault are lost. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.add(chunk);
    const frames: Uint8Array[] = [];
    for (let frame = this.next(); frame !== null; frame = this.next()) frames.push(frame);
    return frames;
  }

  /** Call at end of file: an unfinished frame is a fault of the peer. */
  end(): void {
    if (this.#filled === 0) return;
    const total = this.#frameEnd();
    throw new ProtocolError(
      "frame_truncated",
      `the connection ended inside a frame: ${this.#filled} bytes had arrived` + (total === null ? "" : ` of ${total}`),
    );
  }

  /** Adds to the unfinished frame what belongs to it, and returns its payload once it is whole. */
  #complete(): Uint8Array | null {
    if (this.#filled < FRAME_HEADER_BYTES) this.#take(FRAME_HEADER_BYTES);
    const end = this.#frameEnd();
    if (end === null) return null;
    this.#take(end);
    if (this.#filled < end) return null;
    const payload = this.#buffer.subarray(FRAME_HEADER_BYTES, end);
    this.#buffer = EMPTY;
    this.#filled = 0;
    return payload;
  }

  /** Moves input to the unfinished frame, which is to hold `end` bytes at most. */
  #take(end: number): void {
    const count = Math.min(this.#input.length, end - this.#filled);
    if (count > 0) this.#keep(this.#input.subarray(0, count), end);
    this.#input = this.#input.subarray(count);
  }

  /** Appends to the unfinished frame, which is to hold `end` bytes at most. */
  #keep(bytes: Uint8Array, end: number): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) {
      const size = Math.max(filled, Math.min(end, Math.max(PREPARED_BYTES, 2 * this.#buffer.length)));
      const grown = Buffer.allocUnsafeSlow(size); // filled before anybody looks at it
      grown.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }

  /** Bytes of the unfinished frame with its header; null while the header is not complete. */
  #frameEnd(): number | null {
    return this.#filled < FRAME_HEADER_BYTES ? null : FRAME_HEADER_BYTES + this.#checkedLength(this.#buffer);
  }

  #checkedLength(bytes: Uint8Array): number {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (length >= 1 && length <= this.#maxBytes) return length;
    throw new ProtocolError(
      "frame_length",
      `a frame announced ${length} bytes; allowed are 1 to ${this.#maxBytes}. ` +
        "A frame is a 4-byte big-endian length, then that many bytes",
    );
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the JSON object of a frame's payload. */
export function parsePayload(payload: Uint8Array): Record<string, unknown> {
  // The feature `stream` adds data frames here, told by a first byte of 0x00.
  if (payload[0] !== KIND_JSON) {
    const first = (payload[0] ?? 0).toString(16).padStart(2, "0");
    throw new ProtocolError("frame_kind", `a frame starts with byte 0x${first}; a JSON message starts with "{"`);
  }
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch (cause) {
    throw new ProtocolError("invalid_utf8", "a message is not valid UTF-8", { cause });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new ProtocolError("invalid_json", `a message is not valid JSON: ${excerpt(text)}`, { cause });
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
