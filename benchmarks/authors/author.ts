import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchmarkedHost } from "../forward/host.ts";
import { ownedProcess } from "../forward/owned-process.ts";
import { until } from "../forward/until.ts";

export const LANGUAGES = ["rust", "python", "typescript"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The file of a new project in which its answer is written. */
const SOURCES: Record<Language, string> = { rust: "src/main.rs", python: "src", typescript: "src/plugin.ts" };

const FIRST_LIMIT = { limitMs: 300_000, intervalMs: 20 };
const SAVE_LIMIT = { limitMs: 60_000, intervalMs: 10 };

/** Somebody who writes a plugin: makes a project, lets `toru dev` follow it, and saves. */
export class Author implements AsyncDisposable {
  readonly id: string;
  readonly folder: string;
  readonly #host: BenchmarkedHost;
  readonly #language: Language;
  readonly #parts = new AsyncDisposableStack();

  private constructor(host: BenchmarkedHost, language: Language, id: string, folder: string) {
    this.#host = host;
    this.#language = language;
    this.id = id;
    this.folder = folder;
  }

  /** Milliseconds from `toru new` until the plugin answers and its page can be had. */
  static async begin(
    executable: string,
    host: BenchmarkedHost,
    folder: string,
    language: Language,
    id: string,
  ): Promise<{ author: Author; firstMs: number }> {
    const author = new Author(host, language, id, join(folder, id));
    const env = { ...process.env, TORU_RUN_DIR: join(folder, "run"), TORU_DATA_DIR: join(folder, "data") };
    const startedAt = performance.now();
    const made = Bun.spawn([executable, "new", author.folder, "--lang", language, "--page", "plain"], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if ((await made.exited) !== 0) throw new Error(`toru new failed for ${language}`);
    ownedProcess(author.#parts, () =>
      Bun.spawn([executable, "dev", author.folder], { env, stdio: ["ignore", "ignore", "inherit"] }),
    );
    const answers = async () => ((await author.#text("/")) !== null && (await author.#hasPage()) ? true : null);
    await until(`the first answer of ${id}`, answers, FIRST_LIMIT);
    return { author, firstMs: performance.now() - startedAt };
  }

  /** Milliseconds from saving another greeting until it is answered. */
  async save(number: number): Promise<number> {
    const file = await this.#source();
    const text = await readFile(file, "utf8");
    const changed = text.replace(/(Hello|Greeting\d+) /, `Greeting${number} `);
    if (changed === text) throw new Error(`${file} holds no greeting to change`);
    const startedAt = performance.now();
    await writeFile(file, changed);
    const isNew = async () => ((await this.#text("/"))?.includes(`Greeting${number} `) === true ? true : null);
    await until(`the saved answer of ${this.id}`, isNew, SAVE_LIMIT);
    return performance.now() - startedAt;
  }

  /** Ends `toru dev`; the plugin stays. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync();
  }

  async #source(): Promise<string> {
    const path = join(this.folder, SOURCES[this.#language]);
    if (this.#language !== "python") return path;
    const name = (await readdir(path)).find((file) => file.endsWith(".py"));
    if (name === undefined) throw new Error(`${path} holds no Python file`);
    return join(path, name);
  }

  async #text(path: string): Promise<string | null> {
    const response = await this.#host.fetch(`/plugins/${this.id}${path}`);
    const text = await response.text();
    return response.ok ? text : null;
  }

  async #hasPage(): Promise<boolean> {
    return (await this.#host.fetch(`/api/plugins/${this.id}/bundle.js`)).ok;
  }
}
