import type { LiveTimings, ServerPort } from "../http-options.ts";
import type { Watch } from "../identity/access-watch.ts";
import { EventStream } from "./event-stream.ts";

/** Live streams of all readers together. */
const MAX_STREAMS = 100;

const HEARTBEAT_MS = 15_000;
/** How long a reader may leave what is queued for it unread, and how often that is looked at. */
const STALL_MS = 30_000;
const STALL_CHECK_MS = 4_000;

/** For what was handed to the connection before the end. */
const DRAIN_SECONDS = 5;

const HEARTBEAT = ": \n\n";
/** How long a browser waits before it connects again, in milliseconds. */
const RETRY = "retry: 2000\n\n";

export interface Reader {
  request: Request;
  server: ServerPort;
  watch: Watch;
}

/** Feeds a stream until the signal is aborted. */
export type Source = (stream: EventStream, signal: AbortSignal) => void | Promise<void>;

export interface LiveStreamsOptions {
  closing: AbortSignal;
  timings: Partial<LiveTimings>;
  complain: (message: string, error: unknown) => void;
}

/** Opens live answers and ends them: when the reader goes, stops reading or is signed out, or the host stops. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  #open = 0;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#open;
  }

  /** Null where the host has as many as it may. */
  start(reader: Reader, source: Source): Response | null {
    if (this.#open >= MAX_STREAMS) return null;
    const { request, server } = reader;
    this.#open += 1;
    const ended = new AbortController();
    const stream = new EventStream(() => {
      this.#open -= 1;
      ended.abort();
      // Bun may still hold bytes for a reader that does not read: it gets this long, then its connection is closed.
      server.timeout(request, DRAIN_SECONDS);
    });
    server.timeout(request, 0);
    stream.send(RETRY);
    this.#endWith(stream, request.signal, ended.signal);
    this.#endWith(stream, this.#options.closing, ended.signal);
    this.#attend(stream, reader, ended.signal);
    void this.#feed(stream, source, ended.signal);
    return new Response(stream.body, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  }

  #endWith(stream: EventStream, cause: AbortSignal, ended: AbortSignal): void {
    if (cause.aborted) stream.end();
    else cause.addEventListener("abort", () => stream.end(), { once: true, signal: ended });
  }

  async #feed(stream: EventStream, source: Source, ended: AbortSignal): Promise<void> {
    try {
      await source(stream, ended);
    } catch (error) {
      if (!ended.aborted) this.#options.complain("a live stream failed", error);
      stream.end();
    }
  }

  #attend(stream: EventStream, { watch }: Reader, ended: AbortSignal): void {
    if (ended.aborted) return;
    const { heartbeatMs = HEARTBEAT_MS, stallMs = STALL_MS } = this.#options.timings;
    const heartbeat = setInterval(() => stream.send(HEARTBEAT), heartbeatMs);
    const checkMs = Math.min(STALL_CHECK_MS, stallMs);
    const stall = setInterval(() => stream.unreadMs > stallMs && stream.end(), checkMs);
    const unwatch = watch(() => stream.end());
    const stop = () => {
      clearInterval(heartbeat);
      clearInterval(stall);
      unwatch();
    };
    ended.addEventListener("abort", stop, { once: true });
  }
}
