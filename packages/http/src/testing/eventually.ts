const LIMIT_MS = 5_000;
const STEP_MS = 5;

/** Waits until a condition holds; fails with its text after the limit (milliseconds). */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await Bun.sleep(STEP_MS);
  }
}
