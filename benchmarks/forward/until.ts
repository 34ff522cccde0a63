/** Asks again every `intervalMs` until there is an answer. Throws, saying `what` was awaited, after `limitMs`. */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | null>,
  { limitMs, intervalMs }: { limitMs: number; intervalMs: number },
): Promise<T> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    const found = await attempt();
    if (found !== null) return found;
    await Bun.sleep(intervalMs);
  }
  throw new Error(`${what}: did not come within ${limitMs / 1000} s`);
}
