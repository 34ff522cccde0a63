import type { PluginChange, ResourceSample } from "@toru/http-api";
import type { LiveMessage, LiveStatus } from "./live-message.ts";

/** Waits between tries of our own, in milliseconds; while the browser tries again by itself none is needed. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;
/**
 * A connection that has no greeting after this time is dead, in milliseconds; so is one that has had samples, which come
 * every 5 s, and has no more. A host that takes no samples may be silent.
 */
const SILENCE_MS = 20_000;

/** One EventSource for `/api/events` that never gives up. The browser resumes with the last id by itself. */
export class LiveConnection {
  readonly #send: (message: LiveMessage) => void;
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  status: LiveStatus = "connecting";

  constructor(send: (message: LiveMessage) => void) {
    this.#send = send;
  }

  open(): void {
    if (this.#source !== null) return;
    this.#clearTimers();
    const source = new EventSource("/api/events");
    this.#source = source;
    this.#expectMore();
    let isFresh = true;
    source.addEventListener("hello", () => {
      this.#greeted();
      // A new source has no cursor: what changed since the list was loaded is not known.
      this.#send({ type: isFresh ? "reset" : "session" });
      isFresh = false;
    });
    source.addEventListener("reset", () => this.#send({ type: "reset" }));
    source.addEventListener("plugin", (event) => {
      this.#send({ type: "plugin", change: JSON.parse(event.data) as PluginChange });
    });
    source.addEventListener("resources", (event) => {
      this.#expectMore();
      this.#send({ type: "resources", sample: JSON.parse(event.data) as ResourceSample });
    });
    source.addEventListener("error", () => this.#failed(source));
  }

  close(): void {
    this.#clearTimers();
    this.#source?.close();
    this.#source = null;
    this.status = "connecting";
  }

  #greeted(): void {
    this.#expectNothing();
    this.#attempt = 0;
    this.#setStatus("live");
  }

  #expectMore(): void {
    this.#expectNothing();
    this.#silence = setTimeout(() => this.#reopen(0), SILENCE_MS);
  }

  #expectNothing(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = null;
  }

  #failed(source: EventSource): void {
    this.#setStatus("offline");
    // While it is CONNECTING the browser tries again by itself, with the last id.
    if (source.readyState !== EventSource.CLOSED) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? 8_000;
    this.#attempt += 1;
    void this.#explainRefusal();
    this.#reopen(wait);
  }

  #reopen(afterMs: number): void {
    this.close();
    this.#setStatus("offline");
    this.#retry = setTimeout(() => this.open(), afterMs);
  }

  async #explainRefusal(): Promise<void> {
    try {
      const { status } = await fetch("/api/auth/me", { signal: AbortSignal.timeout(5_000) });
      if (status === 401) this.#send({ type: "session" });
    } catch (error) {
      console.debug("The host does not answer:", error);
    }
  }

  #setStatus(status: LiveStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.#send({ type: "status", status });
  }

  #clearTimers(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#expectNothing();
  }
}
