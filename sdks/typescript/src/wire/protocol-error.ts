/** What the host did wrong on the wire. The set is closed; the page of the protocol explains each code. */
export type ProtocolErrorCode =
  | "frame_length"
  | "frame_truncated"
  | "frame_kind"
  | "invalid_utf8"
  | "invalid_json"
  | "invalid_message"
  | "stream_window";

/** A breach of the protocol by the host. The connection that it happened on is closed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
