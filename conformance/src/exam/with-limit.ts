import { ExamFailure } from "../exam-failure.ts";

/** Rejects with an ExamFailure after the limit, and with the signal's reason when it is aborted. */
export async function withLimit<T>(work: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T> {
  const stop = Promise.withResolvers<never>();
  const onAbort = () => stop.reject(signal.reason);
  const timer = setTimeout(() => stop.reject(new ExamFailure(`nothing more within ${limitMs / 1000} s`)), limitMs);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, stop.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
