import type { Caller, ForwardError, ForwardResult } from "@toru/core";
import {
  encodeFrame,
  ProtocolError,
  v1,
  type Envelope,
  type HttpRequestMessage,
  type HttpResponseMessage,
  type InitInfo,
  type KvOperation,
  type KvResult,
  type Reply,
} from "@toru/protocol";
import { MAX_QUEUED_BYTES } from "../socket/frame-socket.ts";
import { isListening } from "../socket/listening-sockets.ts";
import { ConnectionTurns } from "./connection-turns.ts";
import {
  busy,
  cancelled,
  MAX_WAITING_REQUESTS,
  timedOut,
  tooLarge,
  type HealthReport,
  type LinkLimits,
  type PluginLink,
  type PluginServices,
  streamless,
} from "./plugin-link.ts";
import { exchange, tell } from "./v1-exchange.ts";

/** A limit that ends later than this is the host's own lateness, as after a pause: it says nothing about the plugin. In milliseconds. */
const LATE_MS = 1_000;
/** Requests in a row over the time limit that make a version 1 plugin unhealthy. */
const UNHEALTHY_AFTER_TIMEOUTS = 3;

/** Version 1: a connection for each message, and never one that only asks whether the plugin is there. */
export class V1Link implements PluginLink {
  readonly #path: string;
  readonly #limits: LinkLimits;
  readonly #services: PluginServices;
  readonly #turns = new ConnectionTurns();
  readonly #closed = new AbortController();
  #closeError: ForwardError | null = null;
  #nextId = 1;
  #waiting = 0;
  #waitingBytes = 0;
  #timeoutsInARow = 0;
  #droppedReplies = 0;

  constructor(path: string, limits: LinkLimits, services: PluginServices) {
    this.#path = path;
    this.#limits = limits;
    this.#services = services;
  }

  get droppedReplies(): number {
    return this.#droppedReplies;
  }

  /** Null when the plugin took the message, else why not. */
  async init(info: InitInfo): Promise<string | null> {
    const limit = this.#limits.startTimeoutMs;
    const taken = await this.#tell(v1.initMessage(info), limit);
    return taken ? null : `the plugin did not take the init message within ${limit / 1000} s`;
  }

  readonly takesStreams = false;
  readonly takesWebSockets = false;

  upgrade(): Promise<{ ok: false; error: ForwardError }> {
    return Promise.resolve(streamless());
  }

  async http(request: HttpRequestMessage, caller: Caller | null): Promise<ForwardResult<HttpResponseMessage>> {
    const { body } = request;
    if (body instanceof ReadableStream) return streamless();
    if (body instanceof Uint8Array) {
      const message =
        "this plugin speaks protocol version 1, which carries text only; the request's body is not valid UTF-8";
      return { ok: false, error: { code: "not_text", message } };
    }
    const id = this.#newId();
    return this.#ask(
      "http",
      id,
      v1.httpMessage(id, { ...request, body }),
      v1.readHttpReply,
      this.#limits.requestTimeoutMs,
      caller,
    );
  }

  async kv(operation: KvOperation, caller: Caller | null): Promise<ForwardResult<KvResult>> {
    if (operation.action === "list") {
      const message = "this plugin speaks protocol version 1, which has get, set and delete only";
      return { ok: false, error: { code: "unsupported", message } };
    }
    const id = this.#newId();
    return this.#ask("kv", id, v1.kvMessage(id, operation), v1.readKvReply, this.#limits.kvTimeoutMs, caller);
  }

  async checkHealth(): Promise<HealthReport> {
    if (!(await isListening(this.#path))) return { ok: false, reason: "its socket is no longer listening" };
    if (this.#timeoutsInARow < UNHEALTHY_AFTER_TIMEOUTS) return { ok: true };
    return { ok: false, reason: `${this.#timeoutsInARow} requests in a row got no answer in time` };
  }

  async shutdown(graceMs: number): Promise<void> {
    // Behind the requests that are in line: a busy plugin takes it when it is free. Where it never is, SIGTERM follows.
    await this.#tell(v1.shutdownMessage(), graceMs).catch(() => false);
  }

  close(error: ForwardError): void {
    this.#closeError ??= error;
    this.#closed.abort();
  }

  async #tell(message: Envelope, limitMs: number): Promise<boolean> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(limitMs)]);
    return tell(this.#path, this.#turns, message, this.#limits.maxFrameBytes, signal);
  }

  async #ask<T>(
    type: "http" | "kv",
    requestId: string,
    message: Envelope,
    parse: (payload: unknown) => Reply<T>,
    limitMs: number,
    caller: Caller | null,
  ): Promise<ForwardResult<T>> {
    if (this.#closeError !== null) return { ok: false, error: this.#closeError };
    const frame = encodeFrame(message, this.#limits.maxFrameBytes);
    if (frame === null) return tooLarge(this.#limits.maxFrameBytes);
    const isFull = this.#waiting > 0 && this.#waitingBytes + frame.length > MAX_QUEUED_BYTES;
    if (isFull || this.#waiting >= MAX_WAITING_REQUESTS) return busy();
    const limit = new AbortController();
    const askedAt = performance.now();
    const timer = setTimeout(() => limit.abort(), limitMs);
    const signals = [this.#closed.signal, limit.signal, ...(caller === null ? [] : [caller.signal])];
    this.#waiting += 1;
    this.#waitingBytes += frame.length;
    try {
      const outcome = await exchange({
        path: this.#path,
        turns: this.#turns,
        maxFrameBytes: this.#limits.maxFrameBytes,
        services: this.#services,
        frame,
        type,
        requestId,
        signal: AbortSignal.any(signals),
        onDroppedReply: () => (this.#droppedReplies += 1),
      });
      if (outcome.kind === "reply") {
        this.#timeoutsInARow = 0;
        return toResult(outcome.payload, parse);
      }
      if (outcome.kind === "no-reply") {
        if (outcome.fault === null) this.#timeoutsInARow = 0; // it reads, and lets go of what it cannot do
        else this.#services.warn(`connection closed: ${outcome.fault.message} (${outcome.fault.code})`);
        return noReply(outcome.fault);
      }
      if (this.#closeError !== null) return { ok: false, error: this.#closeError };
      if (!limit.signal.aborted) return cancelled();
      if (performance.now() - askedAt < limitMs + LATE_MS) this.#timeoutsInARow += 1;
      return timedOut(limitMs);
    } catch (error) {
      // A process that dies while it is being connected to fails in more ways than by refusing.
      return { ok: false, error: this.#closeError ?? unreachable(error) };
    } finally {
      clearTimeout(timer);
      this.#waiting -= 1;
      this.#waitingBytes -= frame.length;
    }
  }

  #newId(): string {
    return String(this.#nextId++);
  }
}

function toResult<T>(payload: unknown, parse: (payload: unknown) => Reply<T>): ForwardResult<T> {
  try {
    const reply = parse(payload);
    if (reply.ok) return reply;
    const { code, message } = reply.error;
    return {
      ok: false,
      error: { code: "plugin_error", message: `the plugin answered with an error: ${message} (${code})` },
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return noReply(error);
  }
}

function unreachable(error: unknown): ForwardError {
  const { code, message } = error as NodeJS.ErrnoException;
  return { code: "died", message: `the plugin could not be reached: ${code ?? message}` };
}

function noReply(fault: ProtocolError | null): { ok: false; error: ForwardError } {
  if (fault !== null) {
    return { ok: false, error: { code: "protocol_error", message: `the plugin broke the protocol: ${fault.message}` } };
  }
  return { ok: false, error: { code: "plugin_error", message: "the plugin ended the connection without an answer" } };
}
