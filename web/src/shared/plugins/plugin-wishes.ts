import { isInstalled, type PanelPlugin } from "./plugin.ts";

/** By id, whether it should be enabled. */
export type Wishes = ReadonlyMap<string, boolean>;

interface WishSteps {
  /** Asks the host; rejects where it refuses. */
  send: (enabled: boolean) => Promise<unknown>;
  /** Loads what is so now: whatever was heard before may be older than the answer. */
  refresh: () => Promise<unknown>;
}

/**
 * What persons want of plugins and the host has not confirmed yet. Requests for one plugin go one at a time; of the
 * wishes that come up meanwhile only the last is sent.
 */
export class PluginWishes {
  #wishes: Wishes = new Map();
  readonly #listeners = new Set<() => void>();
  readonly #turns = new Map<string, Promise<unknown>>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  current = (): Wishes => this.#wishes;

  /**
   * Resolves to what was wanted last, once the host has agreed, and rejects where it refused that. Null: an earlier
   * call is not done yet and takes this wish up.
   */
  async setEnabled(id: string, enabled: boolean, steps: WishSteps): Promise<boolean | null> {
    const isTakenUp = this.#wishes.has(id);
    this.#put(id, enabled);
    return isTakenUp ? null : this.inTurn(id, () => this.#settle(id, enabled, steps));
  }

  /** Runs it when everything before it for this plugin is done, however that ended. */
  inTurn<T>(id: string, task: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.then(task, task);
    this.#turns.set(id, turn);
    const leave = () => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    };
    turn.then(leave, leave);
    return turn;
  }

  async #settle(id: string, first: boolean, { send, refresh }: WishSteps): Promise<boolean> {
    for (;;) {
      const wanted = this.#wishes.get(id) ?? first;
      const refusal = await send(wanted).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      if (this.#wishes.get(id) !== wanted) continue;
      await refresh();
      if (this.#wishes.get(id) !== wanted) continue;
      this.#put(id, null);
      if (refusal !== null) throw refusal.error;
      return wanted;
    }
  }

  #put(id: string, enabled: boolean | null): void {
    const wishes = new Map(this.#wishes);
    if (enabled === null) wishes.delete(id);
    else wishes.set(id, enabled);
    this.#wishes = wishes;
    for (const listener of this.#listeners) listener();
  }
}

export const pluginWishes = new PluginWishes();

/** The list as it will be if the host agrees. */
export function withWishes(plugins: PanelPlugin[], wishes: Wishes): PanelPlugin[] {
  if (wishes.size === 0) return plugins;
  return plugins.map((plugin) => {
    const wanted = isInstalled(plugin) ? wishes.get(plugin.id) : undefined;
    if (!isInstalled(plugin) || wanted === undefined || wanted === plugin.enabled) return plugin;
    if (wanted) return { ...plugin, enabled: true, status: "starting", crashes: 0 };
    return { ...plugin, enabled: false, status: plugin.pid === null ? "disabled" : "stopping" };
  });
}
