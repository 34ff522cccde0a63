import type { PluginChange, PluginHost } from "@toru/core";
import { formatEvent } from "./event-stream.ts";

/** Changes that are kept for readers who come back. */
const MAX_KEPT_CHANGES = 1_000;
/** Text of all kept changes together, in UTF-16 units: a crash carries up to 50 lines of output. */
const MAX_KEPT_CHARACTERS = 4 * 1024 * 1024;

const CURSOR = /^([0-9a-f]{8}):(\d{1,15})$/;

/** Numbers the changes of plugins, and keeps the latest for their readers. Ends with `close`. */
export class ChangeFeed {
  /** Marks the cursors of this run of the host: numbers begin again with every start. */
  readonly #boot = crypto.randomUUID().slice(0, 8);
  readonly #waiting = new Set<() => void>();
  readonly #unsubscribe: () => void;
  /** Formatted events; the last one has the number `#sequence`. */
  #kept: string[] = [];
  #keptCharacters = 0;
  #sequence = 0;

  constructor(plugins: Pick<PluginHost, "subscribe">, toBody: (change: PluginChange) => object) {
    this.#unsubscribe = plugins.subscribe((change) => this.#add(JSON.stringify(toBody(change))));
  }

  /** Behind the latest change. */
  get cursor(): string {
    return `${this.#boot}:${this.#sequence}`;
  }

  /** Readers that wait for the next change. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The events behind a cursor; null where they are not kept, or the cursor is of another run. */
  since(cursor: string): string[] | null {
    const [, boot, digits] = CURSOR.exec(cursor) ?? [];
    const behind = this.#sequence - Number(digits);
    if (boot !== this.#boot || behind < 0 || behind > this.#kept.length) return null;
    return behind === 0 ? [] : this.#kept.slice(-behind);
  }

  /** Resolves when there is a change behind the cursor, or the signal is aborted. */
  async changed(cursor: string, signal: AbortSignal): Promise<void> {
    if (cursor !== this.cursor || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    this.#waiting.delete(wake);
    signal.removeEventListener("abort", wake);
  }

  close(): void {
    this.#unsubscribe();
    this.#kept = [];
    this.#keptCharacters = 0;
  }

  #add(data: string): void {
    this.#sequence += 1;
    const event = formatEvent({ name: "plugin", id: this.cursor, data });
    this.#kept.push(event);
    this.#keptCharacters += event.length;
    while (this.#kept.length > MAX_KEPT_CHANGES || this.#keptCharacters > MAX_KEPT_CHARACTERS) {
      this.#keptCharacters -= this.#kept.shift()?.length ?? 0;
    }
    for (const wake of this.#waiting) wake();
  }
}
