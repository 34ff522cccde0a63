import type { KvKeys, PluginApi, PluginEvent, ThemeName } from "@toru/page";
import type {
  FetchAnswer,
  FetchCall,
  FrameMessage,
  FrameOpening,
  KvCall,
  KvOperation,
  PanelMessage,
  Refusal,
} from "./messages.ts";
import { MAX_TOAST_CHARACTERS } from "./read-frame-message.ts";
import { addressBelow, ownHref } from "./own-address.ts";

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Unnumbered<Call> = Call extends { id: number } ? Omit<Call, "id"> : never;

/** The api of a page, in the frame: what it does is done by the panel, at the other end of the port. */
export class FrameApi {
  readonly api: PluginApi;
  readonly #port: MessagePort;
  readonly #pending = new Map<number, Pending>();
  readonly #themeListeners = new Set<(theme: ThemeName) => void>();
  readonly #eventListeners = new Set<(event: PluginEvent) => void>();
  #lastId = 0;
  #theme: ThemeName;

  constructor(port: MessagePort, { id, theme, user }: FrameOpening, signal: AbortSignal) {
    this.#port = port;
    this.#theme = theme;
    const current = () => this.#theme;
    this.api = {
      fetch: (path, init = {}) => this.#fetch(path, init),
      navigate: (path) => {
        const url = new URL(ownHref(id, path, location.origin), location.origin);
        this.#send({ type: "navigate", path: url.pathname + url.search + url.hash });
        showAddress(addressBelow(url));
      },
      showToast: (message: unknown, kind = "info") =>
        this.#send({ type: "toast", message: String(message).slice(0, MAX_TOAST_CHARACTERS), kind }),
      kv: {
        get: async (key) => (await this.#kv({ action: "get", key })) as string | null,
        set: async (key, value) => void (await this.#kv({ action: "set", key, value })),
        delete: async (key) => void (await this.#kv({ action: "delete", key })),
        list: async (query = {}) => (await this.#kv({ action: "list", query })) as KvKeys,
      },
      theme: {
        get current() {
          return current();
        },
        subscribe: (listener) => follow(this.#themeListeners, listener, signal),
      },
      user,
      signal,
      subscribe: (listener) => follow(this.#eventListeners, listener, signal),
    };
  }

  hear(message: Exclude<PanelMessage, { type: "unmount" }>): void {
    switch (message.type) {
      case "answer":
        return this.#settle(message.id, ({ resolve }) => resolve(message.value));
      case "refusal":
        return this.#settle(message.id, ({ reject }) => reject(errorOf(message.error)));
      case "theme":
        this.#theme = message.theme;
        showTheme(message.theme);
        return tell(this.#themeListeners, message.theme);
      case "event":
        return tell(this.#eventListeners, message.event);
      case "address":
        showAddress(message.address);
        dispatchEvent(new PopStateEvent("popstate"));
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    // The browser's own reading of `init`: methods, headers, and bodies of every kind.
    const request = new Request(location.origin, init);
    const body = init.body == null ? null : await request.arrayBuffer();
    const { method, headers } = request;
    const call: Unnumbered<FetchCall> = { type: "fetch", path, method, headers: [...headers], body };
    const answer = (await this.#call(call, init.signal ?? null)) as FetchAnswer;
    const { body: sent, ...rest } = answer;
    const stop = init.signal ? { signal: init.signal } : {};
    const stream = sent instanceof ReadableStream ? sent.pipeThrough(new TransformStream(), stop) : sent;
    return new Response(stream, rest);
  }

  async #kv(operation: KvOperation): Promise<unknown> {
    return this.#call({ type: "kv", ...operation }, null);
  }

  #call(call: Unnumbered<FetchCall | KvCall>, signal: AbortSignal | null): Promise<unknown> {
    signal?.throwIfAborted();
    const id = (this.#lastId += 1);
    const settled = new AbortController();
    return new Promise((resolve, reject) => {
      this.#send({ ...call, id });
      this.#pending.set(id, { resolve, reject });
      const cancel = () => {
        this.#send({ type: "cancel", id });
        this.#settle(id, ({ reject }) => reject(signal?.reason));
      };
      signal?.addEventListener("abort", cancel, { signal: settled.signal });
    }).finally(() => settled.abort());
  }

  #settle(id: number, settle: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending !== undefined) settle(pending);
  }

  #send(message: FrameMessage): void {
    // Bytes are handed over, not copied.
    const bytes = message.type === "fetch" ? message.body : null;
    this.#port.postMessage(message, bytes === null ? [] : [bytes]);
  }
}

/** Tokens and the browser's own elements follow `color-scheme`. */
export function showTheme(theme: ThemeName): void {
  document.documentElement.style.setProperty("color-scheme", theme, "important");
}

/** A frame without an origin may change nothing else of its own address. */
export function showAddress(address: string): void {
  history.replaceState(null, "", `#${address}`);
}

function follow<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void, signal: AbortSignal): () => void {
  // One of its own, so that the same function may listen twice.
  const own = (value: T) => listener(value);
  const stop = () => void listeners.delete(own);
  if (signal.aborted) return stop;
  listeners.add(own);
  signal.addEventListener("abort", stop, { once: true });
  return stop;
}

/** A listener that throws stops no other. */
function tell<T>(listeners: Set<(value: T) => void>, value: T): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      reportError(error);
    }
  }
}

function errorOf({ name, message, status }: Refusal): Error {
  if (name === "AbortError") return new DOMException(message, name);
  const error = name === "TypeError" ? new TypeError(message) : new Error(message);
  return status === null ? error : Object.assign(error, { status });
}
