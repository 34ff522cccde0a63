import type { LogCopy } from "@toru/core";
import type { LiveTimings, ServerPort } from "../http-options.ts";
import type { Watch } from "../identity/access-watch.ts";

/** Downloads of all clients together: each holds the files of a log open. */
const MAX_DOWNLOADS = 16;
/** How long a client may take nothing, in milliseconds: a slow one empties a large socket buffer before it asks for more. */
const STALL_MS = 120_000;
/** For what was handed to the connection before the end. The most that Bun takes. */
const DRAIN_SECONDS = 255;

export interface Downloader {
  request: Request;
  server: ServerPort;
  watch: Watch;
}

export interface LogDownloadsOptions {
  closing: AbortSignal;
  timings: Partial<LiveTimings>;
  complain: (message: string, error: unknown) => void;
}

/** Sends logs whole, and closes their files when all is sent, the client goes away, stalls or is signed out, or the host stops. */
export class LogDownloads {
  readonly #options: LogDownloadsOptions;
  #open = 0;

  constructor(options: LogDownloadsOptions) {
    this.#options = options;
  }

  /** Null where the host has as many as it may. Rejects where the log cannot be opened. */
  async start(
    open: () => Promise<LogCopy>,
    { request, server, watch }: Downloader,
  ): Promise<ReadableStream<Uint8Array> | null> {
    if (this.#open >= MAX_DOWNLOADS) return null;
    this.#open += 1;
    try {
      const copy = await open();
      // Bun's own limit does not start anew with every part that is taken.
      server.timeout(request, 0);
      const signedOut = new AbortController();
      const unwatch = watch(() => signedOut.abort());
      return this.#stream(copy, [request.signal, signedOut.signal, this.#options.closing], () => {
        unwatch();
        this.#open -= 1;
        server.timeout(request, DRAIN_SECONDS);
        void this.#close(copy);
      });
    } catch (error) {
      this.#open -= 1;
      throw error;
    }
  }

  #stream(copy: LogCopy, causes: readonly AbortSignal[], onEnd: () => void): ReadableStream<Uint8Array> {
    const { timings, complain } = this.#options;
    const ended = new AbortController();
    let stall: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      if (ended.signal.aborted) return;
      clearTimeout(stall);
      ended.abort();
      onEnd();
    };
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        const stop = () => {
          end();
          controller.error(new Error("the download was ended"));
        };
        stall = setTimeout(stop, timings.stallMs ?? STALL_MS);
        for (const cause of causes) {
          if (cause.aborted) return stop();
          cause.addEventListener("abort", stop, { once: true, signal: ended.signal });
        }
        return undefined;
      },
      pull: async (controller) => {
        try {
          const bytes = await copy.next();
          if (ended.signal.aborted) return;
          stall?.refresh();
          if (bytes !== null) return controller.enqueue(bytes);
          end();
          controller.close();
        } catch (error) {
          end();
          complain("a log could not be sent whole", error);
          controller.error(error);
        }
      },
      cancel: end,
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  async #close(copy: LogCopy): Promise<void> {
    try {
      await copy[Symbol.asyncDispose]();
    } catch (error) {
      this.#options.complain("a log was not closed", error);
    }
  }
}
