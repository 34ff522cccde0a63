/** How long the storage may take to answer. */
const CHECK_LIMIT_MS = 2_000;

export type Readiness = { storage: "ok" } | { storage: "failed"; detail: string };

/** Asks the storage whether it works. Many questions at once are one: the route is open to anyone. */
export class ReadinessCheck {
  readonly #check: () => Promise<void>;
  readonly #complain: (message: string, error: unknown) => void;
  #running: Promise<Readiness> | null = null;

  constructor(check: () => Promise<void>, complain: (message: string, error: unknown) => void) {
    this.#check = check;
    this.#complain = complain;
  }

  ask(): Promise<Readiness> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #ask(): Promise<Readiness> {
    const { promise: late, resolve } = Promise.withResolvers<Readiness>();
    const detail = `the storage did not answer within ${CHECK_LIMIT_MS / 1000} s`;
    const timer = setTimeout(() => resolve({ storage: "failed", detail }), CHECK_LIMIT_MS);
    try {
      return await Promise.race([this.#storage(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #storage(): Promise<Readiness> {
    try {
      await this.#check();
      return { storage: "ok" };
    } catch (error) {
      this.#complain("the storage is not ready", error);
      return { storage: "failed", detail: "the storage check failed; the host's log has the reason" };
    }
  }
}
