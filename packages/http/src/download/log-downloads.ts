import type { LogCopy } from "@toru/core";

/** Downloads of all clients together: each holds the files of a log open. */
const MAX_DOWNLOADS = 16;

export interface LogDownloadsOptions {
  closing: AbortSignal;
  complain: (message: string, error: unknown) => void;
}

/** Sends logs whole, and closes their files when all is sent, the client goes away or the host stops. */
export class LogDownloads {
  readonly #options: LogDownloadsOptions;
  #open = 0;

  constructor(options: LogDownloadsOptions) {
    this.#options = options;
  }

  /** Null where the host has as many as it may. Rejects where the log cannot be opened. */
  async start(open: () => Promise<LogCopy>, client: AbortSignal): Promise<ReadableStream<Uint8Array> | null> {
    if (this.#open >= MAX_DOWNLOADS) return null;
    this.#open += 1;
    try {
      return this.#stream(await open(), client);
    } catch (error) {
      this.#open -= 1;
      throw error;
    }
  }

  #stream(copy: LogCopy, client: AbortSignal): ReadableStream<Uint8Array> {
    const ended = new AbortController();
    const end = () => {
      if (ended.signal.aborted) return;
      ended.abort();
      this.#open -= 1;
      void this.#close(copy);
    };
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        const stop = () => {
          end();
          controller.error(new Error("the download was ended"));
        };
        for (const cause of [client, this.#options.closing]) {
          if (cause.aborted) return stop();
          cause.addEventListener("abort", stop, { once: true, signal: ended.signal });
        }
        return undefined;
      },
      pull: async (controller) => {
        try {
          const bytes = await copy.next();
          if (ended.signal.aborted) return;
          if (bytes !== null) return controller.enqueue(bytes);
          end();
          controller.close();
        } catch (error) {
          end();
          this.#options.complain("a log could not be sent whole", error);
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
