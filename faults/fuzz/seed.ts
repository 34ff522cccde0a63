/**
 * The seed of this run. Tests have the same one each time, so that none of them fails by chance; a soak has a new one.
 * `TORU_FUZZ_SEED` names another.
 */
export const SEED = Number(process.env["TORU_FUZZ_SEED"] ?? 1) >>> 0;

/** Runs the cases of this run one after another; a failure says how to have it again. */
export async function fuzz(cases: number, run: (seed: number) => void | Promise<void>): Promise<void> {
  for (let index = 0; index < cases; index++) {
    const seed = (SEED + index) >>> 0;
    try {
      const running = run(seed);
      if (running !== undefined) await running;
    } catch (cause) {
      throw new Error(`TORU_FUZZ_SEED=${seed} has this failure as its first case: ${String(cause)}`, { cause });
    }
  }
}
