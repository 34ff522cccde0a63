import type { DataFrame } from "../codec/data-frame.ts";
import { CodecError } from "../codec/frame.ts";
import type { JsonObject } from "../codec/message.ts";

/** Bytes that may be under way on a stream without being granted anew. */
export const STREAM_WINDOW_BYTES = 256 * 1024;

/** A body that the plugin sends piece by piece. */
export interface IncomingStream {
  pieces: Uint8Array[];
  /** Which of the pieces came as text. */
  areText: boolean[];
  bytes: number;
  /** Of these, not granted anew yet. */
  ungranted: number;
  isLast: boolean;
  isAborted: boolean;
}

/** A body that we send piece by piece. */
export interface OutgoingStream {
  /** Bytes that may be sent. */
  credit: number;
  /** The plugin wants no more. */
  isStopped: boolean;
}

/** The streams of one connection, in both directions. */
export class V2Streams {
  /** Whether bytes are granted anew as they come; a case may hold them back. */
  grantsAtOnce = true;
  readonly #incoming = new Map<number, IncomingStream>();
  readonly #outgoing = new Map<number, OutgoingStream>();
  readonly #send: (payload: JsonObject) => void;

  /** `send` sends a message of type http without `request_id`. */
  constructor(send: (payload: JsonObject) => void) {
    this.#send = send;
  }

  incoming(stream: number): IncomingStream | undefined {
    return this.#incoming.get(stream);
  }

  /** Begins a stream of ours; what the plugin says of it changes what is returned. */
  begin(stream: number): OutgoingStream {
    const outgoing = { credit: STREAM_WINDOW_BYTES, isStopped: false };
    this.#outgoing.set(stream, outgoing);
    return outgoing;
  }

  /** A reply of the plugin has named this stream. */
  announce(stream: number): void {
    const running = this.#incoming.get(stream);
    if (running?.isLast === false) throw new CodecError("invalid_message", `stream ${stream} is under way already`);
    this.#incoming.set(stream, { pieces: [], areText: [], bytes: 0, ungranted: 0, isLast: false, isAborted: false });
  }

  take({ stream, bytes, isLast, isText, isAborted }: DataFrame): void {
    const incoming = this.#incoming.get(stream);
    if (incoming === undefined) throw new CodecError("invalid_message", `no reply has named the stream ${stream}`);
    if (incoming.isLast) throw new CodecError("invalid_message", `something came behind the end of stream ${stream}`);
    incoming.pieces.push(bytes);
    incoming.areText.push(isText);
    incoming.bytes += bytes.length;
    incoming.ungranted += bytes.length;
    incoming.isLast = isLast;
    incoming.isAborted = isAborted;
    if (incoming.ungranted > STREAM_WINDOW_BYTES) {
      throw new CodecError("stream_window", `${incoming.ungranted} bytes on stream ${stream} that were not granted`);
    }
    if (this.grantsAtOnce && !isLast && bytes.length > 0) this.grant(stream);
  }

  /** Grants all that has come on a stream anew. */
  grant(stream: number): void {
    const incoming = this.#incoming.get(stream);
    if (incoming === undefined || incoming.ungranted === 0) return;
    this.#send({ stream, credit: incoming.ungranted });
    incoming.ungranted = 0;
  }

  /** What the plugin says of a stream of ours; anything else is none of its business. */
  control({ stream, credit, stop }: JsonObject): void {
    if (typeof stream !== "number") return;
    const outgoing = this.#outgoing.get(stream);
    if (outgoing === undefined) return;
    if (typeof credit === "number") outgoing.credit += credit;
    if (stop === true) outgoing.isStopped = true;
  }
}
