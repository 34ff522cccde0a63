import { killStrayProcesses } from "./stray-processes.ts";

/** Kills what plugins have left behind, with one look at all processes for all that ask meanwhile. */
export class StraySweep {
  readonly #instanceId: string;
  #latest: Promise<unknown> = Promise.resolve();
  /** The look that has not begun yet: it serves everybody who asks before it does. */
  #next: { pluginIds: Set<string>; done: Promise<unknown> } | null = null;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  /** Resolves after a look that began after the call. Once the signal is aborted, the plugin's processes are left alone. */
  async sweep(pluginId: string, signal: AbortSignal): Promise<void> {
    this.#next ??= this.#plan();
    const { pluginIds, done } = this.#next;
    pluginIds.add(pluginId);
    signal.addEventListener("abort", () => pluginIds.delete(pluginId));
    await done;
  }

  #plan(): { pluginIds: Set<string>; done: Promise<unknown> } {
    const pluginIds = new Set<string>();
    const done = this.#latest.then(() => {
      this.#next = null;
      return killStrayProcesses(this.#instanceId, pluginIds);
    });
    this.#latest = done.catch(() => undefined); // whoever asked hears of it
    return { pluginIds, done };
  }
}
