import { ProtocolError } from "./protocol-error.ts";

/** What a sender may have on its way on one stream that the receiver has not granted anew, in bytes. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
/**
 * Longest message of a WebSocket, in bytes: a receiver that grants in steps of a quarter of the window always leaves room for one.
 */
export const MAX_WEBSOCKET_MESSAGE_BYTES = STREAM_WINDOW_BYTES / 2;
/** First byte of a frame that carries bytes of a stream in place of a message. */
export const KIND_DATA = 0x00;
/** Kind, flags and stream in front of the bytes. */
export const DATA_HEADER_BYTES = 6;

const FLAG_LAST = 1;
const FLAG_TEXT = 2;
const FLAG_ABORTED = 4;

/** A piece of a stream. */
export interface DataFrame {
  /** Unique for its sender on its connection, 32 bits. */
  stream: number;
  bytes: Uint8Array;
  /** Nothing follows on this stream. */
  isLast: boolean;
  /** A text message of a WebSocket. */
  isText: boolean;
  /** What came so far is not all: the sender could not go on. */
  isAborted: boolean;
}

/** The whole frame with its length. */
export function encodeDataFrame({ stream, bytes, isLast, isText, isAborted }: DataFrame): Buffer {
  const frame = Buffer.allocUnsafe(4 + DATA_HEADER_BYTES + bytes.length);
  frame.writeUInt32BE(DATA_HEADER_BYTES + bytes.length, 0);
  frame[4] = KIND_DATA;
  frame[5] = (isLast ? FLAG_LAST : 0) | (isText ? FLAG_TEXT : 0) | (isAborted ? FLAG_ABORTED : 0);
  frame.writeUInt32BE(stream, 6);
  frame.set(bytes, 4 + DATA_HEADER_BYTES);
  return frame;
}

/** Reads the payload of a frame that starts with KIND_DATA. `bytes` is a view of it. Unknown flags are ignored. */
export function parseDataFrame(payload: Uint8Array): DataFrame {
  if (payload.length < DATA_HEADER_BYTES) {
    throw new ProtocolError(
      "invalid_message",
      `a data frame has ${payload.length} bytes; at least ${DATA_HEADER_BYTES} hold its kind, flags and stream`,
    );
  }
  const flags = payload[1] ?? 0;
  return {
    stream: new DataView(payload.buffer, payload.byteOffset).getUint32(2),
    bytes: payload.subarray(DATA_HEADER_BYTES),
    isLast: (flags & FLAG_LAST) !== 0,
    isText: (flags & FLAG_TEXT) !== 0,
    isAborted: (flags & FLAG_ABORTED) !== 0,
  };
}
