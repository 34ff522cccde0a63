/** How long a condition may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;

/** Asks again and again until the answer is neither false nor null nor undefined, and returns it. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + patienceMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what} (last: ${String(last)})`);
    await Bun.sleep(20);
  }
}
