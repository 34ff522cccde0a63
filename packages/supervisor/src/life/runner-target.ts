import type { Caller, ForwardError, ForwardResult, PluginTarget } from "@toru/core";
import type {
  HttpRequestMessage,
  HttpResponseMessage,
  KvOperation,
  KvResult,
  UpgradeAnswer,
  WebSocketMessages,
} from "@toru/protocol";
import type { PluginLink } from "../link/plugin-link.ts";
import type { PluginRunner } from "./plugin-runner.ts";

/** What a client is told to wait for a plugin that is on its way up. */
const STARTING_RETRY_MS = 1_000;

const NOT_READY = {
  running: "the connection to the plugin is being made again",
  starting: "the plugin is starting",
  stopping: "the plugin is being stopped, to be started again or replaced",
} as const;

/** Sends requests to a plugin as it is at that moment. */
export class RunnerTarget implements PluginTarget {
  requests = 0;
  errors = 0;
  readonly #runner: PluginRunner;

  constructor(runner: PluginRunner) {
    this.#runner = runner;
  }

  get id(): string {
    return this.#runner.id;
  }

  get protocol(): 1 | 2 {
    return this.#runner.manifest.protocol;
  }

  get takesStreams(): boolean {
    return this.#runner.life?.link?.takesStreams ?? false;
  }

  get takesWebSockets(): boolean {
    return this.#runner.life?.link?.takesWebSockets ?? false;
  }

  upgrade(
    request: HttpRequestMessage,
    messages: WebSocketMessages,
    caller: Caller | null,
  ): Promise<ForwardResult<UpgradeAnswer>> {
    const link = this.#link();
    return this.#counted(link.ok ? link.value.upgrade(request, messages, caller) : link);
  }

  http(request: HttpRequestMessage, caller: Caller | null): Promise<ForwardResult<HttpResponseMessage>> {
    // Deployed plugins of version 1 answer http whatever they list.
    if (this.protocol === 2 && !this.#runner.manifest.handles.includes("http")) {
      return this.#counted(unsupported("http"));
    }
    const link = this.#link();
    return this.#counted(link.ok ? link.value.http(request, caller) : link);
  }

  kv(operation: KvOperation, caller: Caller | null): Promise<ForwardResult<KvResult>> {
    if (this.protocol === 2 && !this.#runner.manifest.handles.includes("kv")) return this.#counted(unsupported("kv"));
    const link = this.#link();
    return this.#counted(link.ok ? link.value.kv(operation, caller) : link);
  }

  #counted<T>(outcome: ForwardResult<T> | Promise<ForwardResult<T>>): Promise<ForwardResult<T>> {
    this.requests += 1;
    this.#runner.traffic.note(this.id);
    return outcome instanceof Promise ? outcome.then(this.#countError) : Promise.resolve(this.#countError(outcome));
  }

  readonly #countError = <T>(result: ForwardResult<T>): ForwardResult<T> => {
    this.#runner.traffic.note(this.id);
    if (!result.ok && result.error.code !== "cancelled") this.errors += 1;
    return result;
  };

  #link(): ForwardResult<PluginLink> {
    const { state, life, retryInMs } = this.#runner;
    if (state.status === "disabled" || state.status === "failed") {
      return refuse({ code: "not_available", message: "the plugin is disabled" });
    }
    if (state.status === "stopping" && state.next === "disabled") {
      return refuse({ code: "not_available", message: "the plugin is being stopped" });
    }
    if (state.status === "backoff") {
      const { cause, reason } = state.crash;
      const what = cause === "host" ? reason : `the plugin crashed (${reason})`;
      const message = `${what}; it will be started again`;
      return refuse({ code: "not_ready", message, retryAfterMs: retryInMs ?? STARTING_RETRY_MS });
    }
    const link = state.status === "running" ? (life?.link ?? null) : null;
    if (link !== null) return { ok: true, value: link };
    const message = NOT_READY[state.status];
    return refuse({ code: "not_ready", message, retryAfterMs: STARTING_RETRY_MS });
  }
}

function refuse(error: ForwardError): { ok: false; error: ForwardError } {
  return { ok: false, error };
}

function unsupported(type: "http" | "kv"): { ok: false; error: ForwardError } {
  return refuse({ code: "unsupported", message: `the plugin's manifest does not name ${type} among what it handles` });
}
