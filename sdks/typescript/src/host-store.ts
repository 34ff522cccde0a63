import { KvError, keyValue, type KeyValue, type KvOperation } from "./key-value.ts";
import { readError } from "./wire/message.ts";

/** Requests to the host that wait for its answer. */
const MAX_WAITING_REQUESTS = 1024;
/** How long one may wait, for the connection and for the answer together. */
const REPLY_TIMEOUT_MS = 5_000;

type Send = (operation: KvOperation, id: string) => void;

interface Waiting {
  operation: KvOperation;
  settle: (payload: unknown) => void;
}

/**
 * Key-value requests on their way to the host. They outlive a connection: what has no answer when one is lost is sent
 * again on the next, in the order in which it was first sent. Each operation may be done twice, so that is no harm.
 */
export class HostStore {
  readonly #waiting = new Map<string, Waiting>();
  #nextId = 1;
  #send: Send | null = null;

  /** Rejects with a KvError. */
  ask(operation: KvOperation): Promise<unknown> {
    if (this.#waiting.size >= MAX_WAITING_REQUESTS) {
      return Promise.reject(new KvError("busy", `${MAX_WAITING_REQUESTS} requests to the host wait already`));
    }
    const id = `p-${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(this.#timedOut());
      }, REPLY_TIMEOUT_MS);
      const settle = (payload: unknown) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        const error = readError(payload);
        if (error === null) resolve(payload);
        else reject(new KvError(error.code, error.message));
      };
      this.#waiting.set(id, { operation, settle });
      this.#send?.(operation, id);
    });
  }

  /** What waits and what comes goes to `send`. */
  connect(send: Send): void {
    this.#send = send;
    for (const [id, { operation }] of Array.from(this.#waiting)) send(operation, id);
  }

  disconnect(): void {
    this.#send = null;
  }

  /** The payload of a reply. One to an unknown id came late, and is dropped. */
  receive(id: string, payload: unknown): void {
    this.#waiting.get(id)?.settle(payload);
  }

  #timedOut(): KvError {
    const limit = `${REPLY_TIMEOUT_MS / 1000} s`;
    if (this.#send !== null) return new KvError("timeout", `the host did not answer within ${limit}`);
    return new KvError("not_connected", `the host was not connected for ${limit}; use the store from init on`);
  }
}

/** Of this process. */
export const hostStore = new HostStore();

/** The plugin's keys in the host's store. The same as `context.kv`, for code that has no context at hand. */
export const kv: KeyValue = keyValue((operation) => hostStore.ask(operation));
