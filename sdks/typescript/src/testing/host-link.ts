import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { IncomingStream } from "../stream/incoming-stream.ts";
import type { OutgoingStream } from "../stream/outgoing-stream.ts";
import { StreamTable } from "../stream/stream-table.ts";
import { FrameDecoder, type FrameReceiver, encodeFrame } from "../wire/frame.ts";
import { makeMessage, readMessage, type JsonObject, type Message } from "../wire/message.ts";
import type { MessageType, ReceivedMessage } from "../wire/message.ts";

/** As long as the host waits for an answer. */
const REPLY_TIMEOUT_MS = 30_000;
const CONNECT_RETRY_MS = 10;

export interface HostReply {
  payload: JsonObject;
  /** The stream that the payload names. */
  incoming: IncomingStream | null;
}

/** The host's end of one connection to a plugin. */
export class HostLink {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (reply: HostReply | null) => void>();
  readonly #streams: StreamTable;
  #nextId = 1;
  /** Called with what the plugin asks and logs. */
  onMessage: (message: Message) => void = () => undefined;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#streams = new StreamTable({
      socket,
      writeFrame: (frame) => this.write(frame),
      sendControl: (payload) => this.send("http", payload),
    });
    const decoder = new FrameDecoder();
    const receiver: FrameReceiver = {
      message: (message) => this.#receive(readMessage(message)),
      data: (frame) => this.#streams.data(frame),
    };
    socket.on("data", (chunk: Buffer) => decoder.push(chunk, receiver));
    socket.on("error", () => socket.destroy());
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
    void this.closed.then(() => {
      for (const settle of this.#waiting.values()) settle(null);
      this.#streams.close();
    });
  }

  /** Connects as soon as the socket listens; rejects where `hasEnded` says that it never will. */
  static async open(path: string, limitMs: number, hasEnded: () => string | null): Promise<HostLink> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const ended = hasEnded();
      if (ended !== null) throw new Error(ended);
      try {
        return new HostLink(await connected(path));
      } catch (error) {
        if (performance.now() > deadline) throw new Error(`no socket within ${limitMs / 1000} s`, { cause: error });
        await sleep(CONNECT_RETRY_MS);
      }
    }
  }

  /** Resolves with the payload of the reply. */
  async request(type: MessageType, payload: object, id?: string): Promise<JsonObject> {
    return (await this.exchange(type, payload, id)).payload;
  }

  /** A stream of the host; its number goes into a request before anything is sent on it. */
  openStream(): OutgoingStream {
    return this.#streams.open(() => undefined);
  }

  /** Resolves with the reply and the stream that it names. */
  exchange(type: MessageType, payload: object, id = String(this.#nextId++)): Promise<HostReply> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(null), REPLY_TIMEOUT_MS);
      const settle = (reply: HostReply | null) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (reply !== null) resolve(reply);
        else
          reject(new Error(`no reply to ${type} ${id}: the connection ended, or ${REPLY_TIMEOUT_MS / 1000} s passed`));
      };
      this.#waiting.set(id, settle);
      this.send(type, payload, id);
    });
  }

  send(type: MessageType, payload: object, id?: string): void {
    const frame = encodeFrame(makeMessage(type, payload, id));
    if (frame === null) throw new Error("the message does not fit a frame");
    this.write(frame);
  }

  /** Bytes as they are, for tests of what must not be. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Reads no more until `resume`, like a host that is stuck. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: ReceivedMessage): void {
    const { type, request_id: id, payload } = message;
    const isReply = id !== undefined && type !== "log" && !(type === "kv" && "action" in payload);
    if (isReply) {
      const incoming = "stream" in payload ? this.#streams.receive(payload["stream"]) : null;
      this.#waiting.get(id)?.({ payload, incoming });
    } else if (type === "http") this.#streams.control(payload);
    else this.onMessage(message);
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
