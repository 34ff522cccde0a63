/** What the other side did wrong on the wire. The set is closed; `spec/README.md` lists each code. */
export type ProtocolErrorCode =
  | "frame_length"
  | "frame_truncated"
  | "frame_kind"
  | "invalid_utf8"
  | "invalid_json"
  | "invalid_message"
  | "stream_window";

/** A fault of the peer: the connection it happened on is closed, requests in flight on it fail. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
