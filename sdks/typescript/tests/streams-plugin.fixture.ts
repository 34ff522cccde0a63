import { expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlugin, type StartedPlugin, type StartOptions } from "@toru/plugin/testing";
import { pathWith, RUNTIMES, SDK, toruPlugin, until } from "./built-plugin.fixture.ts";

type Runtime = (typeof RUNTIMES)[number];
type Paths = Record<Runtime, Awaited<ReturnType<typeof pathWith>>>;

/** The plugin of `streams/`, built once for a file of tests, to be started on either runtime. */
export class StreamsPlugin implements AsyncDisposable {
  readonly #folder: string;
  readonly #paths: Paths;

  private constructor(folder: string, paths: Paths) {
    this.#folder = folder;
    this.#paths = paths;
  }

  static async build(): Promise<StreamsPlugin> {
    const folder = await mkdtemp(join(tmpdir(), "toru-streams-"));
    const plugin = new StreamsPlugin(folder, { node: await pathWith("node"), bun: await pathWith("bun") });
    const built = await toruPlugin(join(SDK, "tests/streams"), ["build", "plugin.ts", "--output", plugin.#binary]);
    expect(built).toMatchObject({ code: 0, stderr: "" });
    return plugin;
  }

  start(runtime: Runtime, options: StartOptions = {}): Promise<StartedPlugin> {
    return startPlugin(this.#binary, { ...options, env: { PATH: this.#paths[runtime].path, ...options.env } });
  }

  get #binary(): string {
    return join(this.#folder, "streams.binary");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const runtime of RUNTIMES) await this.#paths[runtime][Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What the plugin says that has happened in it. */
export async function seen(plugin: StartedPlugin): Promise<string[]> {
  return (await (await plugin.fetch("/seen")).json()) as string[];
}

export function sees(plugin: StartedPlugin, what: string): Promise<void> {
  return until(what, async () => (await seen(plugin)).some((line) => line.includes(what)));
}

export async function text(plugin: StartedPlugin, at: string): Promise<string> {
  return (await plugin.fetch(at)).text();
}

export function messages(plugin: StartedPlugin): string[] {
  return plugin.logs.map(({ message }) => message);
}

/** The reply, before anything of its stream is read. */
export function ask(plugin: StartedPlugin, at: string, more: object = { body: null }) {
  return plugin.link.exchange("http", { method: "GET", path: at, headers: {}, ...more });
}

/** What a promise rejects with, as text. */
export function fault(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "no error", String);
}
