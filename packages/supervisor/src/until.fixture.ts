/** How long a condition may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Waits for a condition; fails with its name where it does not come. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await Bun.sleep(5);
  }
}
