import type { LiveTimings, ServerPort } from "../http-options.ts";
import { EventStream } from "./event-stream.ts";

/** Live streams of all readers together. */
const MAX_STREAMS = 100;

/** A revoked session ends its streams within 5 s: this, and the time to look it up. */
const DEFAULT_TIMINGS: LiveTimings = { heartbeatMs: 15_000, recheckMs: 4_000, stallMs: 30_000 };

/** For what was handed to the connection before the end. */
const DRAIN_SECONDS = 5;

const HEARTBEAT = ": \n\n";
/** How long a browser waits before it connects again, in milliseconds. */
const RETRY = "retry: 2000\n\n";

export interface Reader {
  request: Request;
  server: ServerPort;
  /** Whether the reader may still see this. */
  mayStay: () => Promise<boolean>;
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
  readonly #timings: LiveTimings;
  #open = 0;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
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
    this.#watch(stream, reader, ended.signal);
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

  #watch(stream: EventStream, { mayStay }: Reader, ended: AbortSignal): void {
    const { heartbeatMs, recheckMs } = this.#timings;
    const heartbeat = setInterval(() => stream.send(HEARTBEAT), heartbeatMs);
    const recheck = setInterval(() => void this.#recheck(stream, mayStay), recheckMs);
    const stop = () => [heartbeat, recheck].forEach((timer) => clearInterval(timer));
    if (ended.aborted) stop();
    else ended.addEventListener("abort", stop, { once: true });
  }

  async #recheck(stream: EventStream, mayStay: () => Promise<boolean>): Promise<void> {
    if (stream.unreadMs > this.#timings.stallMs) return stream.end();
    try {
      if (!(await mayStay())) stream.end();
    } catch (error) {
      this.#options.complain("whether a live stream may go on could not be checked, so it was ended", error);
      stream.end();
    }
  }
}
