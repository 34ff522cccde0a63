import type { EventStore, LogStore, NewPluginEvent } from "@toru/core";

/**
 * Stores events in the order they happened, without holding anybody up; one that cannot be stored is logged. None waits for the one
 * before: while another process holds the database, all of them together wait as long as one.
 */
export class EventRecorder {
  readonly #events: EventStore;
  readonly #logs: LogStore;
  readonly #pending = new Set<Promise<void>>();

  constructor(events: EventStore, logs: LogStore) {
    this.#events = events;
    this.#logs = logs;
  }

  record(event: NewPluginEvent): void {
    const stored = this.#store(event).finally(() => this.#pending.delete(stored));
    this.#pending.add(stored);
  }

  /** Everything recorded so far is stored, or logged as lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #store(event: NewPluginEvent): Promise<void> {
    try {
      await this.#events.append(event);
    } catch (error) {
      const message = `the event ${event.type} could not be stored: ${String(error)}`;
      void this.#logs.supervisor(event.pluginId).write({ level: "error", message });
    }
  }
}
