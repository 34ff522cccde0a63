import type { EventStore, LogStore, NewPluginEvent } from "@toru/core";

/** Stores events in the order they happened, without holding anybody up; one that cannot be stored is logged. */
export class EventRecorder {
  readonly #events: EventStore;
  readonly #logs: LogStore;
  #stored: Promise<unknown> = Promise.resolve();

  constructor(events: EventStore, logs: LogStore) {
    this.#events = events;
    this.#logs = logs;
  }

  record(event: NewPluginEvent): void {
    this.#stored = this.#stored
      .then(() => this.#events.append(event))
      .catch((error: unknown) => {
        const message = `the event ${event.type} could not be stored: ${String(error)}`;
        void this.#logs.supervisor(event.pluginId).write({ level: "error", message });
      });
  }

  /** Everything recorded so far is stored, or logged as lost. */
  async settled(): Promise<void> {
    await this.#stored;
  }
}
