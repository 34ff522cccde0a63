/**
 * The plugins that somebody works on just now, by id: `toru dev` renews a lease for each build and every few seconds. One that
 * is not renewed ends by itself, so that a plugin is watched as usual again whatever became of who worked on it.
 */
export class DevelopmentLeases implements Disposable {
  readonly #ends = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #onChange: (pluginId: string) => void;

  /** `onChange` is called when a plugin begins or ceases to be in development, not for a renewal. */
  constructor(onChange: (pluginId: string) => void) {
    this.#onChange = onChange;
  }

  has(pluginId: string): boolean {
    return this.#ends.has(pluginId);
  }

  /** From now on for `leaseMs` milliseconds; 0 ends it at once. */
  renew(pluginId: string, leaseMs: number): void {
    const had = this.#ends.has(pluginId);
    clearTimeout(this.#ends.get(pluginId));
    if (leaseMs > 0)
      this.#ends.set(
        pluginId,
        setTimeout(() => this.renew(pluginId, 0), leaseMs),
      );
    else this.#ends.delete(pluginId);
    if (had !== this.#ends.has(pluginId)) this.#onChange(pluginId);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#ends.values()) clearTimeout(timer);
    this.#ends.clear();
  }
}
