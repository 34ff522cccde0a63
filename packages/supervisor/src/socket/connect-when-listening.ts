/** Waits between attempts, in milliseconds; the last one repeats. */
const ATTEMPT_DELAYS_MS = [2, 5, 10, 20, 40];

const TRANSIENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EAGAIN"]);

/** Nobody listens there yet, or the backlog is full: worth another attempt while the plugin lives. */
export function isTransient(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && TRANSIENT.has(code);
}

/** Repeats `attempt` while it is refused. Null when the signal was aborted first; any other error is thrown on. */
export async function retryWhileRefused<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await pause(ATTEMPT_DELAYS_MS[Math.min(tries, ATTEMPT_DELAYS_MS.length - 1)] ?? 0, signal);
  }
  return null;
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
