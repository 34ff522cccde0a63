import { CodecError, frameOf } from "./frame.ts";

const HEADER_BYTES = 6;
const LAST = 1;
const TEXT = 2;
const ABORTED = 4;

/** A piece of a stream. */
export interface DataFrame {
  stream: number;
  bytes: Uint8Array;
  isLast: boolean;
  /** A text message of a WebSocket. */
  isText: boolean;
  /** With the last frame: what came is not all. */
  isAborted: boolean;
}

/** Whether the payload of a frame is a piece of a stream rather than a message. */
export function isDataFrame(payload: Uint8Array): boolean {
  return payload[0] === 0;
}

export function parseDataFrame(payload: Uint8Array): DataFrame {
  if (payload.length < HEADER_BYTES) throw new CodecError("invalid_message", "a data frame is shorter than its header");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const flags = view.getUint8(1);
  return {
    stream: view.getUint32(2),
    bytes: payload.subarray(HEADER_BYTES),
    isLast: (flags & LAST) !== 0,
    isText: (flags & TEXT) !== 0,
    isAborted: (flags & ABORTED) !== 0,
  };
}

export function encodeDataFrame({ stream, bytes, isLast, isText, isAborted }: DataFrame): Uint8Array {
  const payload = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(payload.buffer);
  view.setUint8(1, (isLast ? LAST : 0) | (isText ? TEXT : 0) | (isAborted ? ABORTED : 0));
  view.setUint32(2, stream);
  payload.set(bytes, HEADER_BYTES);
  return frameOf(payload);
}
