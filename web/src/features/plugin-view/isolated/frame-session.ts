import type { PluginApi } from "@toru/page";
import { Allowance } from "./allowance.ts";
import { fetchForFrame } from "./fetch-for-frame.ts";
import type { FetchCall, FrameReport, KvCall, KvOperation, PanelMessage } from "./messages.ts";
import { ownHref } from "./own-address.ts";
import { readFrameMessage } from "./read-frame-message.ts";
import { Turns } from "./turns.ts";

/** Calls without an answer, or whose answer is still being read. */
export const MAX_CALLS = 64;
/** Browsers open six connections to a host: some are left to the panel. */
const MAX_OPEN_FETCHES = 4;
export const MAX_MESSAGES_PER_SECOND = 2_000;
const MAX_TOASTS_PER_SECOND = 5;

interface FrameSessionOptions {
  id: string;
  port: MessagePort;
  api: PluginApi;
  origin: string;
  onReport: (report: FrameReport) => void;
}

/** Does for one isolated page what it asks for, until it is closed: for its own plugin, and nothing else. */
export class FrameSession {
  readonly #options: FrameSessionOptions;
  readonly #calls = new Map<number, AbortController>();
  readonly #fetches = new Turns(MAX_OPEN_FETCHES);
  readonly #messages = new Allowance(MAX_MESSAGES_PER_SECOND, 1_000);
  readonly #toasts = new Allowance(MAX_TOASTS_PER_SECOND, 1_000);

  constructor(options: FrameSessionOptions) {
    this.#options = options;
    const { port, api } = options;
    port.addEventListener("message", ({ data }) => this.#hear(data));
    port.start();
    api.theme.subscribe((theme) => this.send({ type: "theme", theme }));
    api.subscribe((event) => this.send({ type: "event", event }));
  }

  send(message: PanelMessage): void {
    this.#options.port.postMessage(message, []);
  }

  close(): void {
    this.#options.port.close();
    for (const controller of this.#calls.values()) controller.abort();
  }

  #hear(data: unknown): void {
    if (!this.#messages.take(performance.now())) return this.#flooded();
    const message = readFrameMessage(data);
    switch (message.type) {
      case "fetch":
      case "kv":
        return void this.#serve(message);
      case "cancel":
        return this.#calls.get(message.id)?.abort();
      case "toast":
        return this.#toast(message.message, message.kind);
      case "navigate":
        return this.#navigate(message.path);
      case "started":
      case "failed":
      case "unmounted":
        return this.#options.onReport(message);
      case "invalid":
        if (message.id !== null) this.#refuse(message.id, new TypeError(message.reason));
        return console.warn(`A message of the page of ${this.#options.id} is dropped: ${message.reason}`);
    }
  }

  async #serve(call: FetchCall | KvCall): Promise<void> {
    const { id } = call;
    const { api, port } = this.#options;
    if (this.#calls.has(id)) return;
    if (this.#calls.size >= MAX_CALLS) {
      return this.#refuse(id, new Error(`An isolated page may wait for ${MAX_CALLS} answers at a time`));
    }
    const controller = new AbortController();
    this.#calls.set(id, controller);
    try {
      if (call.type === "kv") this.send({ type: "answer", id, value: await askKv(api, call) });
      else await fetchForFrame({ call, api, port, turns: this.#fetches, signal: controller.signal });
    } catch (error) {
      this.#refuse(id, error);
    } finally {
      this.#calls.delete(id);
    }
  }

  #refuse(id: number, error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const { status } = error as { status?: unknown };
    this.send({ type: "refusal", id, error: { name, message, status: typeof status === "number" ? status : null } });
  }

  #toast(...[message, kind]: Parameters<PluginApi["showToast"]>): void {
    const { api } = this.#options;
    if (this.#toasts.take(performance.now())) api.showToast(message, kind);
  }

  #navigate(path: string): void {
    const { id, api, origin } = this.#options;
    if (api.signal.aborted) return;
    try {
      api.navigate(ownHref(id, path, origin));
    } catch (error) {
      console.warn(error);
    }
  }

  #flooded(): void {
    this.close();
    const message = `it has sent more than ${MAX_MESSAGES_PER_SECOND} messages in a second`;
    this.#options.onReport({ type: "failed", failure: { stage: "mount", message, details: null } });
  }
}

async function askKv({ kv }: PluginApi, operation: KvOperation): Promise<unknown> {
  switch (operation.action) {
    case "get":
      return kv.get(operation.key);
    case "set":
      return kv.set(operation.key, operation.value);
    case "delete":
      return kv.delete(operation.key);
    case "list":
      return kv.list(operation.query);
  }
}
