import { type Envelope, type MessageType, toLogMessage, v2 } from "@toru/protocol";
import type { FrameSocket } from "../socket/frame-socket.ts";
import { ANSWER_TOO_LARGE, type PluginServices } from "./plugin-link.ts";

/** Requests of the plugin's own that are served at a time; while more are there, nothing is read from it. */
const MAX_SERVED_AT_ONCE = 64;

interface PluginRequestOptions {
  services: PluginServices;
  /** False where the message does not fit a frame. */
  send: (message: Envelope) => boolean;
  socket: () => FrameSocket | null;
}

/** Serves what a plugin asks of the host on its connection, no faster than it reads the answers and the log takes its lines. */
export class PluginRequests {
  readonly #options: PluginRequestOptions;
  #served = 0;
  #fullLogs = 0;

  constructor(options: PluginRequestOptions) {
    this.#options = options;
  }

  log(payload: unknown): void {
    const { services } = this.#options;
    try {
      const full = services.log(toLogMessage(payload));
      if (full === null) return;
      this.#fullLogs += 1;
      this.#readOrWait();
      void full.finally(() => {
        this.#fullLogs -= 1;
        this.#readOrWait();
      });
    } catch (error) {
      services.warn(`dropped a log message: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  serve(type: MessageType, id: string, payload: unknown): void {
    const { send, socket } = this.#options;
    const served = this.#answer(type, payload).then((reply) => {
      const sent = send(v2.envelope(type, reply, id));
      if (!sent) send(v2.envelope(type, v2.errorPayload(ANSWER_TOO_LARGE), id));
      return socket()?.room(); // who does not read its answers is not served any further
    });
    this.#served += 1;
    this.#readOrWait();
    void served.finally(() => {
      this.#served -= 1;
      this.#readOrWait();
    });
  }

  async #answer(type: MessageType, payload: unknown): Promise<unknown> {
    if (type !== "kv") return v2.errorPayload({ code: "unsupported", message: `the host serves no ${type} requests` });
    const result = await this.#options.services.kv(payload);
    return result.ok ? result.value : v2.errorPayload(result.error);
  }

  #readOrWait(): void {
    const socket = this.#options.socket();
    if (this.#fullLogs > 0 || this.#served >= MAX_SERVED_AT_ONCE) socket?.pause();
    else socket?.resume();
  }
}
