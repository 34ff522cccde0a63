import { ProtocolError } from "./protocol-error.ts";

/** First byte of a frame that carries bytes of a stream in place of a message. */
export const KIND_DATA = 0x00;

const LENGTH_BYTES = 4;
/** Kind, flags and stream in front of the bytes. */
const HEADER_BYTES = 6;

const FLAG_LAST = 1;
const FLAG_TEXT = 2;
const FLAG_ABORTED = 4;

/** A piece of a stream, or a message of a WebSocket. */
export interface DataFrame {
  /** Chosen by its sender, 32 bits. */
  stream: number;
  bytes: Uint8Array;
  /** Nothing follows on this stream. */
  isLast: boolean;
  /** A text message of a WebSocket. */
  isText: boolean;
  /** With the last frame: what came is not all. */
  isAborted: boolean;
}

/** The whole frame with its length. The caller sees to it that it fits: pieces of streams are far smaller. */
export function encodeDataFrame({ stream, bytes, isLast, isText, isAborted }: DataFrame): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + HEADER_BYTES + bytes.length);
  frame.writeUInt32BE(HEADER_BYTES + bytes.length, 0);
  frame[4] = KIND_DATA;
  frame[5] = (isLast ? FLAG_LAST : 0) | (isText ? FLAG_TEXT : 0) | (isAborted ? FLAG_ABORTED : 0);
  frame.writeUInt32BE(stream, 6);
  frame.set(bytes, LENGTH_BYTES + HEADER_BYTES);
  return frame;
}

/** Reads what is behind the length. `bytes` is a view of it; unknown flags are ignored. */
export function parseDataFrame(payload: Buffer): DataFrame {
  if (payload.length < HEADER_BYTES) {
    const needed = `at least ${HEADER_BYTES} hold its kind, flags and stream`;
    throw new ProtocolError("invalid_message", `a data frame has ${payload.length} bytes; ${needed}`);
  }
  const flags = payload.readUInt8(1);
  return {
    stream: payload.readUInt32BE(2),
    bytes: payload.subarray(HEADER_BYTES),
    isLast: (flags & FLAG_LAST) !== 0,
    isText: (flags & FLAG_TEXT) !== 0,
    isAborted: (flags & FLAG_ABORTED) !== 0,
  };
}
