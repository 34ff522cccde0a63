import { retryWhileRefused } from "../socket/connect-when-listening.ts";

/**
 * Makes connections to one version 1 plugin one after another, in the order they were asked for: while its backlog is
 * full only the first in the line knocks, the others wait behind it.
 */
export class ConnectionTurns {
  #last: Promise<unknown> = Promise.resolve();

  /** Null when the signal was aborted before the plugin took the connection. */
  async connect<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = before.then(() => turn.promise);
    try {
      await settledOrAborted(before, signal);
      return await retryWhileRefused(attempt, signal);
    } finally {
      turn.resolve();
    }
  }
}

function settledOrAborted(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
    void before.then(done);
  });
}
