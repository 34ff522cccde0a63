import { ProtocolError } from "./protocol-error.ts";

/** Bytes of the big-endian length in front of every frame. */
export const FRAME_HEADER_BYTES = 4;
/** Largest payload of a frame unless the host is configured otherwise: 16 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024;

const KIND_JSON = 0x7b; // "{"

/** Serialises one message to a frame. Returns null where the payload would be larger than `maxBytes`. */
export function encodeFrame(message: unknown, maxBytes = DEFAULT_MAX_FRAME_BYTES): Buffer | null {
  const json = JSON.stringify(message);
  // A UTF-16 unit is at most 3 bytes of UTF-8, so most messages need no exact count before the allocation.
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
 * incomplete frame are kept as they arrive, so memory follows what was received, never what was announced.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #frameBytes: number | null = null;

  constructor(maxBytes = DEFAULT_MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes received bytes, which may be reused by the caller afterwards, and returns the payloads now complete. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let bytes = this.#join(chunk);
    while (bytes !== null) {
      if (this.#frameBytes === null) {
        if (bytes.length < FRAME_HEADER_BYTES) break;
        this.#frameBytes = this.#checkedLength(bytes);
      }
      const end = FRAME_HEADER_BYTES + this.#frameBytes;
      if (bytes.length < end) break;
      frames.push(bytes.subarray(FRAME_HEADER_BYTES, end));
      this.#frameBytes = null;
      bytes = bytes.length === end ? null : bytes.subarray(end);
    }
    if (bytes !== null && bytes.length > 0) this.#keep(bytes);
    return frames;
  }

  /** Call at end of file: an unfinished frame is a fault of the peer. */
  end(): void {
    if (this.#pendingBytes === 0) return;
    throw new ProtocolError(
      "frame_truncated",
      `the connection ended inside a frame: ${this.#pendingBytes} bytes had arrived` +
        (this.#frameBytes === null ? "" : ` of ${FRAME_HEADER_BYTES + this.#frameBytes}`),
    );
  }

  /** One contiguous view of what is pending plus `chunk`, or null while a known frame is still incomplete. */
  #join(chunk: Uint8Array): Uint8Array | null {
    if (this.#pendingBytes === 0) return chunk;
    this.#keep(chunk);
    const needed = this.#frameBytes === null ? FRAME_HEADER_BYTES : FRAME_HEADER_BYTES + this.#frameBytes;
    if (this.#pendingBytes < needed) return null;
    const joined = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    return joined;
  }

  #keep(bytes: Uint8Array): void {
    this.#pending.push(Uint8Array.prototype.slice.call(bytes));
    this.#pendingBytes += bytes.length;
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
