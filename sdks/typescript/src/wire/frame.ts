import { type DataFrame, KIND_DATA, parseDataFrame } from "./data-frame.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Largest frame without its length, in bytes: 16 MiB. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const HEADER_BYTES = 4;
const OPENING_BRACE = 0x7b;
/** What the decoder holds on to while no frame is unfinished, in bytes. */
const MAX_IDLE_BUFFER_BYTES = 64 * 1024;

/** The bytes of one message with their length in front; null where they are more than a frame takes. */
export function encodeFrame(message: object): Buffer | null {
  const json = JSON.stringify(message);
  if (json.length > MAX_FRAME_BYTES) return null; // UTF-8 is never shorter than UTF-16 units
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_FRAME_BYTES) return null;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  frame.writeUInt32BE(bytes);
  frame.write(json, HEADER_BYTES);
  return frame;
}

/** Takes what a decoder makes of the bytes. */
export interface FrameReceiver {
  message(message: Record<string, unknown>): void;
  /** `bytes` of the frame are lent until it returns. Null where the feature `stream` was not taken up. */
  data: ((frame: DataFrame) => void) | null;
}

/**
 * Makes messages and data frames of the bytes of one connection, however they are cut. A length is checked as soon as it is there, and the
 * buffer grows with what has arrived, never with what was announced.
 */
export class FrameDecoder {
  #buffer = Buffer.alloc(0);
  #filled = 0;

  /** Hands on every frame that `chunk` completes. Throws a ProtocolError; the connection is then at its end. */
  push(chunk: Uint8Array, receiver: FrameReceiver): void {
    this.#append(chunk);
    let start = 0;
    for (;;) {
      const end = this.#endOfFrame(start);
      if (end === null || end > this.#filled) break;
      const payload = this.#buffer.subarray(start + HEADER_BYTES, end);
      start = end;
      if (payload[0] === KIND_DATA && receiver.data !== null) receiver.data(parseDataFrame(payload));
      else receiver.message(parseMessage(payload));
    }
    if (start > 0) this.#buffer.copyWithin(0, start, this.#filled);
    this.#filled -= start;
    if (this.#filled === 0 && this.#buffer.length > MAX_IDLE_BUFFER_BYTES) this.#buffer = Buffer.alloc(0);
  }

  /** Call at end of file. */
  end(): void {
    if (this.#filled === 0) return;
    throw new ProtocolError(
      "frame_truncated",
      `the connection ended inside a frame, behind ${this.#filled} bytes of it`,
    );
  }

  #append(chunk: Uint8Array): void {
    const filled = this.#filled + chunk.length;
    if (filled > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(filled, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#filled);
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#filled);
    this.#filled = filled;
  }

  #endOfFrame(start: number): number | null {
    if (this.#filled - start < HEADER_BYTES) return null;
    const bytes = this.#buffer.readUInt32BE(start);
    if (bytes < 1 || bytes > MAX_FRAME_BYTES) {
      const allowed = `a frame has 1 to ${MAX_FRAME_BYTES}`;
      throw new ProtocolError("frame_length", `the host announced a frame of ${bytes} bytes; ${allowed}`);
    }
    return start + HEADER_BYTES + bytes;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseMessage(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== OPENING_BRACE) {
    throw new ProtocolError("frame_kind", `a frame starts with the byte ${bytes[0]}, a message with "{"`);
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new ProtocolError("invalid_utf8", "a message is not valid UTF-8", { cause });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new ProtocolError("invalid_json", "a message is not one JSON object", { cause });
  }
}
