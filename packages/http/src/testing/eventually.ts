const LIMIT_MS = 5_000;
const STEP_MS = 5;

/** Waits until a condition holds; fails with its text after 5 s. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await Bun.sleep(STEP_MS);
  }
}
