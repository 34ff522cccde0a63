import { log } from "@toru/plugin";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Delivery } from "./delivery.ts";
import type { StoreLimits } from "./limits.ts";
import { WebhookError } from "./webhook-error.ts";
import { writeAtomically } from "./write-atomically.ts";

/** What of a webhook is searched, in characters: its headers and the beginning of its body. */
const MAX_SEARCHED_CHARACTERS = 16 * 1024;

interface Entry {
  delivery: Delivery;
  /** In lower case. */
  searched: string;
  /** Settles when it is on the disk, or cannot be. */
  written: Promise<void>;
}

export interface Found {
  deliveries: Delivery[];
  /** How many match, on this page and others. */
  total: number;
  /** Pass it as `before` for the next page; null on the last. */
  next: string | null;
}

export interface Query {
  /** Words that must all occur. */
  text: string;
  source: string | null;
  /** Only older ones than this id. */
  before: string | null;
  limit: number;
}

/**
 * The webhooks, each as two files: `<id>.json` and `<id>.body`. Files, because Node 20 has no database of its own, and because
 * the host's store is open to every page. All but the bodies is in memory, too: a search reads no file.
 */
export class DeliveryStore {
  readonly #folder: string;
  readonly #limits: StoreLimits;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** By source and the sender's id. */
  readonly #known = new Map<string, string>();
  #bytes = 0;
  /** Two changes of one webhook must not overtake each other on the way to the disk. */
  #lastWrite: Promise<void> = Promise.resolve();
  #lastMs = 0;

  private constructor(folder: string, limits: StoreLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Reads what is there; what a crash left half is removed. */
  static async open(folder: string, limits: StoreLimits): Promise<DeliveryStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new DeliveryStore(folder, limits);
    const names = new Set(await readdir(folder));
    for (const name of [...names].sort((a, b) => (a < b ? -1 : 1))) {
      const id = name.replace(/\.(?:json|body)$/, "");
      if (!names.has(`${id}.json`) || !names.has(`${id}.body`)) await rm(join(folder, name), { force: true });
      else if (name.endsWith(".json")) await store.#load(id);
    }
    return store;
  }

  get status(): { count: number; bytes: number; limits: StoreLimits } {
    return { count: this.#entries.size, bytes: this.#bytes, limits: this.#limits };
  }

  /** The id that the next one gets: sorts behind all others, whatever the clock does. */
  nextId(nowMs: number): string {
    this.#lastMs = Math.max(nowMs, this.#lastMs + 1);
    return `${this.#lastMs.toString(36).padStart(9, "0")}-${randomBytes(6).toString("hex")}`;
  }

  /** The stored webhook of this source that the sender gave the same id; null where there is none. */
  findKnown(source: string, deliveryId: string | null): Delivery | null {
    const id = deliveryId === null ? undefined : this.#known.get(knownKey(source, deliveryId));
    return id === undefined ? null : (this.#entries.get(id)?.delivery ?? null);
  }

  /** It counts, and is found, from the start; resolves when it is on the disk. */
  async add(delivery: Delivery, body: Uint8Array): Promise<void> {
    const entry = this.#remember(delivery, body);
    entry.written = writeAtomically(this.#file(delivery.id, "body"), body).then(() => this.#write(delivery));
    try {
      await entry.written;
    } catch (error) {
      await this.remove(delivery.id);
      throw error;
    }
    await this.prune(Date.parse(delivery.receivedAt));
  }

  get(id: string): Delivery {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new WebhookError("not_found", "there is no such webhook; it may have been removed");
    return entry.delivery;
  }

  async body(id: string): Promise<Uint8Array> {
    this.get(id);
    return readFile(this.#file(id, "body"));
  }

  /** Rejects where the webhook itself could not be written. */
  async replace(delivery: Delivery): Promise<void> {
    const entry = this.#entries.get(delivery.id);
    if (entry === undefined) return; // removed meanwhile
    entry.delivery = delivery;
    await entry.written;
    const write = this.#lastWrite.then(() => this.#write(entry.delivery));
    this.#lastWrite = write.catch(() => undefined); // its caller hears of it
    await write;
    if (!this.#entries.has(delivery.id)) await this.#unlink(delivery.id);
  }

  /** The newest first. */
  search({ text, source, before, limit }: Query): Found {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = [...this.#entries.values()].toReversed().filter(({ delivery, searched }) => {
      if (source !== null && delivery.source !== source) return false;
      return words.every((word) => searched.includes(word));
    });
    const rest = before === null ? matches : matches.filter(({ delivery }) => delivery.id < before);
    const deliveries = rest.slice(0, limit).map(({ delivery }) => delivery);
    return { deliveries, total: matches.length, next: rest.length > limit ? (deliveries.at(-1)?.id ?? null) : null };
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { source, deliveryId, bodyBytes } = entry.delivery;
    this.#entries.delete(id);
    this.#bytes -= bodyBytes;
    if (deliveryId !== null) this.#known.delete(knownKey(source, deliveryId));
    await this.#unlink(id);
  }

  /** Removes the oldest ones, as far as the limits want it. */
  async prune(nowMs: number): Promise<void> {
    for (const { delivery } of Array.from(this.#entries.values())) {
      const isOld = nowMs - Date.parse(delivery.receivedAt) > this.#limits.ageMs;
      const isTooMuch = this.#entries.size > this.#limits.count || this.#bytes > this.#limits.bytes;
      if (!isOld && !isTooMuch) return;
      await this.remove(delivery.id);
    }
  }

  async #load(id: string): Promise<void> {
    try {
      const delivery = JSON.parse(await readFile(this.#file(id, "json"), "utf8")) as Delivery;
      this.#remember(delivery, await readFile(this.#file(id, "body")));
    } catch (error) {
      log.warn("a webhook cannot be read, and is left out", { id, error });
    }
    this.#lastMs = Math.max(this.#lastMs, Number.parseInt(id, 36) || 0);
  }

  #remember(delivery: Delivery, body: Uint8Array): Entry {
    const { id, source, deliveryId, event, headers, query } = delivery;
    const start = Buffer.from(body.subarray(0, MAX_SEARCHED_CHARACTERS)).toString();
    const words = [source, event, deliveryId, query, ...Object.values(headers), start].join("\n").toLowerCase();
    const searched = words.slice(0, MAX_SEARCHED_CHARACTERS);
    const entry: Entry = { delivery, searched, written: Promise.resolve() };
    this.#entries.set(id, entry);
    this.#bytes += body.length;
    if (deliveryId !== null) this.#known.set(knownKey(source, deliveryId), id);
    return entry;
  }

  #write(delivery: Delivery): Promise<void> {
    return writeAtomically(this.#file(delivery.id, "json"), JSON.stringify(delivery));
  }

  async #unlink(id: string): Promise<void> {
    await rm(this.#file(id, "json"), { force: true });
    await rm(this.#file(id, "body"), { force: true });
  }

  #file(id: string, ending: "json" | "body"): string {
    return join(this.#folder, `${id}.${ending}`);
  }
}

function knownKey(source: string, deliveryId: string): string {
  return `${source}\n${deliveryId}`;
}
