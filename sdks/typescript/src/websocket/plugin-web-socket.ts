import type { IncomingStream } from "../stream/incoming-stream.ts";
import type { OutgoingStream } from "../stream/outgoing-stream.ts";

/** Longest message of a WebSocket, in bytes; a text counts in UTF-8. 128 KiB. */
export const MAX_MESSAGE_BYTES = 128 * 1024;
/** What may wait of messages whose `send` was not awaited, in bytes, each of them with MESSAGE_COST_BYTES on top: 1 MiB. */
const MAX_WAITING_BYTES = 1024 * 1024;
const MESSAGE_COST_BYTES = 64;

/** A WebSocket with a client of the plugin. */
export interface PluginWebSocket {
  /** What was chosen among the client's subprotocols, empty where nothing was. */
  readonly protocol: string;
  /**
   * What comes, texts as strings and the rest as bytes, one message at a time. Ends when either side has closed, and when the
   * plugin is told to stop: what was begun can be finished then.
   */
  readonly messages: AsyncIterableIterator<string | Uint8Array>;
  /**
   * Sends a message of at most 128 KiB. Resolves when there is room for the next one, so await it: a slow client then slows
   * you down. Messages go in the order of the calls.
   *
   * Rejects with a RangeError where the message is too long or too much waits already, with an AbortError where the
   * socket is closed.
   */
  send(message: string | Uint8Array): Promise<void>;
  /** Closes with code 1000 behind what was sent. */
  close(): void;
}

/** Either end of a WebSocket, over a stream in each direction. */
export class StreamedWebSocket implements PluginWebSocket {
  readonly protocol: string;
  readonly messages: AsyncIterableIterator<string | Uint8Array>;
  readonly #incoming: IncomingStream;
  readonly #outgoing: OutgoingStream;
  #waitingBytes = 0;
  /** It was us who ended the messages. */
  #wantsNoMore = false;
  #isClosing = false;
  /** The messages so far. */
  #sent: Promise<unknown> = Promise.resolve();

  constructor(incoming: IncomingStream, outgoing: OutgoingStream, protocol: string) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.protocol = protocol;
    this.messages = this.#read();
    void incoming.ended.then(() => this.#wantsNoMore || outgoing.stop());
  }

  send(message: string | Uint8Array): Promise<void> {
    const sent = this.#send(message);
    sent.catch(() => undefined); // a client that goes away must not end a plugin that does not wait for its messages
    return sent;
  }

  close(): void {
    void this.finish();
  }

  /** Takes no more messages; those that have come are the last. */
  stopReading(): void {
    this.#wantsNoMore = true;
    this.#incoming.fail(closed());
  }

  /** Closes. Resolves when all is sent. */
  async finish(): Promise<void> {
    this.#isClosing = true;
    this.stopReading();
    await this.#sent;
    this.#outgoing.end();
  }

  async #send(message: string | Uint8Array): Promise<void> {
    const isText = typeof message === "string";
    const bytes = isText ? Buffer.from(message) : message;
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a message is a string or a Uint8Array");
    if (bytes.length > MAX_MESSAGE_BYTES) {
      const advice = `a WebSocket carries at most ${MAX_MESSAGE_BYTES} at a time; send it in parts`;
      throw new RangeError(`the message has ${bytes.length} bytes; ${advice}`);
    }
    if (this.#isClosing || this.#outgoing.hasEnded) throw closed();
    const cost = bytes.length + MESSAGE_COST_BYTES;
    if (this.#waitingBytes + cost > MAX_WAITING_BYTES) {
      throw new RangeError(`${this.#waitingBytes} bytes of messages wait for the client already; await each send`);
    }
    this.#waitingBytes += cost;
    const sent = this.#sent.then(() => this.#outgoing.sendMessage(bytes, isText));
    this.#sent = sent;
    const wasSent = await sent;
    this.#waitingBytes -= cost;
    if (!wasSent) throw closed();
  }

  async *#read(): AsyncGenerator<string | Uint8Array, void> {
    for (;;) {
      const frame = await this.#incoming.next().catch(() => null); // however a socket ends, its messages just end
      if (frame === null) return;
      yield frame.isText ? Buffer.from(frame.bytes).toString() : frame.bytes;
    }
  }
}

function closed(): DOMException {
  return new DOMException("the WebSocket is closed", "AbortError");
}
