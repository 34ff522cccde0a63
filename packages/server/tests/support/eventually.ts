/** How long a log or the database may lag behind what a plugin's state shows, in milliseconds. */
const LAG_MS = 10_000;

/** Repeats an assertion until it holds; what it threw last is thrown where it never does. */
export async function eventually(assertion: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + LAG_MS;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await Bun.sleep(20);
  }
}
