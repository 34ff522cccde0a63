import type { Watch } from "../identity/access-watch.ts";
import { MAX_WEBSOCKET_MESSAGE_BYTES, type WebSocketMessages } from "@toru/protocol";

/** Bytes of the client that may wait for a plugin that does not keep up; more ends the connection. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** What a message takes beside its bytes: empty ones must not be for nothing. */
const MESSAGE_OVERHEAD_BYTES = 64;
/**
 * After so many seconds without a sign of life the client is taken for gone. Bun pings it 16 s before, so that no proxy with
 * the usual limit of a minute ends a WebSocket on which nobody says anything.
 */
const IDLE_TIMEOUT_S = 60;

/** RFC 6455, 7.4.1. */
const NORMAL = 1000;
const POLICY = 1008;
const FAILED = 1011;
const TRY_AGAIN_LATER = 1013;

type ClientSocket = Bun.ServerWebSocket<WebSocketTunnel>;

/** One WebSocket between a client and a plugin: messages go through as they come, each end no faster than the other takes them. */
export class WebSocketTunnel {
  /** What the client sends. Ends when the client closes. */
  readonly fromClient: WebSocketMessages;
  #toPlugin: ReadableStreamDefaultController<string | Uint8Array> | null = null;
  #fromPlugin: ReadableStreamDefaultReader<string | Uint8Array> | null = null;
  #drained: PromiseWithResolvers<void> | null = null;
  #client: ClientSocket | null = null;
  #unwatch = () => {};

  constructor() {
    const size = (message: string | Uint8Array | undefined) =>
      MESSAGE_OVERHEAD_BYTES + (typeof message === "string" ? Buffer.byteLength(message) : (message?.length ?? 0));
    this.fromClient = new ReadableStream(
      {
        start: (controller) => {
          this.#toPlugin = controller;
        },
        cancel: () => {
          this.#toPlugin = null;
        },
      },
      { highWaterMark: MAX_WAITING_BYTES, size },
    );
  }

  /** The plugin has accepted. Call it before the client is answered. */
  connect(fromPlugin: WebSocketMessages, watch: Watch): void {
    this.#fromPlugin = fromPlugin.getReader();
    this.#unwatch = watch(() => this.#client?.close(POLICY, "the session or token is over"));
  }

  /** The client cannot be connected, or has gone. */
  end(): void {
    this.#unwatch();
    this.#client = null;
    this.#toPlugin?.close();
    this.#toPlugin = null;
    this.#drained?.resolve();
    this.#fromPlugin?.cancel().catch(() => undefined); // it has failed already
  }

  opened(client: ClientSocket): void {
    this.#client = client;
    void this.#pump();
  }

  received(message: string | Uint8Array): void {
    if (this.#toPlugin === null) return;
    this.#toPlugin.enqueue(typeof message === "string" ? message : message.slice());
    if ((this.#toPlugin.desiredSize ?? 0) < 0)
      this.#client?.close(TRY_AGAIN_LATER, "the plugin does not keep up with what is sent");
  }

  drained(): void {
    this.#drained?.resolve();
    this.#drained = null;
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = (await this.#fromPlugin?.read()) ?? { done: true, value: undefined };
        if (this.#client === null) return;
        if (done) return this.#client.close(NORMAL);
        // -1: taken, but more must wait until the client has read.
        if (this.#client.send(value) !== -1) continue;
        this.#drained = Promise.withResolvers();
        await this.#drained.promise;
      }
    } catch {
      this.#client?.close(FAILED, "the plugin ended, or broke the protocol");
    }
  }
}

/** For `Bun.serve`. */
export const webSocketHandlers: Bun.WebSocketHandler<WebSocketTunnel> = {
  maxPayloadLength: MAX_WEBSOCKET_MESSAGE_BYTES,
  idleTimeout: IDLE_TIMEOUT_S,
  sendPings: true,
  perMessageDeflate: false,
  open: (client) => client.data.opened(client),
  message: (client, message) => client.data.received(message),
  drain: (client) => client.data.drained(),
  close: (client) => client.data.end(),
};
