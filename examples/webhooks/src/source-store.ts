import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_SOURCES } from "./limits.ts";
import { readSettings, type Source } from "./source.ts";
import { WebhookError } from "./webhook-error.ts";
import { writeAtomically } from "./write-atomically.ts";

const MAX_SECRET_CHARACTERS = 512;

/**
 * The sources, in one file of the plugin's data folder. Not in the host's store: everybody who is signed in can read that,
 * and secrets are among them.
 */
export class SourceStore {
  readonly #path: string;
  #sources: ReadonlyMap<string, Source>;
  /** One change at a time: each is written before the next begins. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(path: string, sources: Source[]) {
    this.#path = path;
    this.#sources = byName(sources);
  }

  static async open(folder: string): Promise<SourceStore> {
    const path = join(folder, "sources.json");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    return new SourceStore(path, JSON.parse(text) as Source[]);
  }

  list(): Source[] {
    return [...this.#sources.values()];
  }

  get(name: string): Source {
    const found = this.#sources.get(name);
    if (found === undefined) throw new WebhookError("not_found", `there is no source ${JSON.stringify(name)}`);
    return found;
  }

  find(name: string): Source | null {
    return this.#sources.get(name) ?? null;
  }

  /** Returns the secret only where it was made up here: the one time that it is shown. */
  create(input: unknown, createdAt: string): Promise<{ source: Source; madeSecret: string | null }> {
    const settings = readSettings(input);
    const given = settings.kind === "none" ? "" : readSecret(input);
    const madeSecret = given === null ? randomBytes(32).toString("hex") : null;
    const source = { ...settings, secret: given ?? madeSecret ?? "", createdAt };
    return this.#change((sources) => {
      if (sources.has(source.name)) throw new WebhookError("exists", `there is a source ${source.name} already`);
      if (sources.size >= MAX_SOURCES) throw new WebhookError("too_many", `there are ${MAX_SOURCES} sources already`);
      sources.set(source.name, source);
      return { source, madeSecret };
    });
  }

  /** Changes what `input` names; without a `secret` in it, that stays. The name cannot be changed. */
  update(name: string, input: unknown): Promise<Source> {
    return this.#change((sources) => {
      const present = this.get(name);
      const settings = readSettings({ ...(input as object), name }, present);
      const secret = settings.kind === "none" ? "" : (readSecret(input) ?? present.secret);
      const source = { ...present, ...settings, secret };
      if (source.kind !== "none" && secret === "") {
        throw new WebhookError("invalid", `a source of kind ${source.kind} wants a secret`);
      }
      sources.set(name, source);
      return source;
    });
  }

  remove(name: string): Promise<Source> {
    return this.#change((sources) => {
      const present = this.get(name);
      sources.delete(name);
      return present;
    });
  }

  #change<T>(edit: (sources: Map<string, Source>) => T): Promise<T> {
    const change = this.#lastChange.then(async () => {
      const sources = new Map(this.#sources);
      const result = edit(sources);
      await writeAtomically(this.#path, JSON.stringify([...sources.values()], null, 2));
      this.#sources = sources;
      return result;
    });
    this.#lastChange = change.catch(() => undefined); // its caller hears of it
    return change;
  }
}

function byName(sources: Source[]): ReadonlyMap<string, Source> {
  return new Map(sources.map((source) => [source.name, source]));
}

function readSecret(input: unknown): string | null {
  const secret: unknown = (input as { secret?: unknown } | null)?.secret;
  if (secret === undefined || secret === null || secret === "") return null;
  if (typeof secret === "string" && secret.length >= 8 && secret.length <= MAX_SECRET_CHARACTERS) return secret;
  throw new WebhookError("invalid", `secret: 8 to ${MAX_SECRET_CHARACTERS} characters, or none to have one made up`);
}
