import { hostSchema, type InstalledPlugin, logEntrySchema, type Plugin, pluginListSchema } from "@toru/http-api";
import { chmod, copyFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../cli/cli-error.ts";
import type { ControlClient } from "../cli/control-client.ts";
import { formatLogEntry } from "../cli/format-log-entry.ts";
import { buildProject, type BuildFailure, setUpProject } from "./build-project.ts";
import type { Project } from "./project-file.ts";
import { SourceWatch } from "./source-watch.ts";

/** Renewed this often, and over by itself when we are killed; in milliseconds. */
const RENEW_MS = 2_000;
const LEASE_MS = 8_000;
/** How long the host is given to run what was installed before we say that it does not, in milliseconds. */
const RUNS_TIMEOUT_MS = 20_000;
const POLL_MS = 25;
const RETRY_LOGS_MS = 500;

interface SessionOptions {
  folder: string;
  project: Project;
  client: ControlClient;
  signal: AbortSignal;
}

/** Builds, installs and follows one plugin until the signal: each change of its sources is on the screen when it is saved. */
export class DevSession {
  readonly #options: SessionOptions;
  #pluginsDir = "";
  #url = "";
  /** Watched paths that changed while a build ran. */
  #changed = new Set<string>();
  #wake: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { folder, project, client, signal } = this.#options;
    const host = hostSchema.parse(await client.json("GET", "/api/host"));
    if (host.plugins_dir === null)
      throw new CliError("the host does not say where its plugins are; it is older than this command");
    this.#pluginsDir = host.plugins_dir;
    this.#url = host.url;
    const failure = await setUpProject(folder, project, signal, (command) => say(`$ ${command}`));
    if (failure !== null) throw new CliError(describeFailure(failure));
    const watched = project.steps.flatMap(({ watch }) => watch);
    const sources = await SourceWatch.start(folder, watched, (paths) => {
      for (const path of paths) this.#changed.add(path);
      this.#wake();
    });
    const renewing = setInterval(() => void this.#lease(LEASE_MS), RENEW_MS);
    void this.#followLogs();
    try {
      await this.#buildUntilStopped();
    } finally {
      sources[Symbol.dispose]();
      clearInterval(renewing);
      await this.#lease(0);
    }
  }

  async #buildUntilStopped(): Promise<void> {
    const { signal } = this.#options;
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    for (let changed: string[] | null = null; !signal.aborted;) {
      // A host that restarts is no reason to end: the next save finds it again.
      await this.#build(changed).catch((error: unknown) => {
        if (!(error instanceof CliError)) throw error;
        say(`✗ ${error.message}`);
      });
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#changed.size === 0) await Promise.race([woken, stopped]);
      changed = [...this.#changed];
      this.#changed.clear();
    }
  }

  async #build(changed: string[] | null): Promise<void> {
    const { folder, project, signal } = this.#options;
    const startedAt = performance.now();
    const failure = await buildProject(folder, project, changed, signal);
    if (signal.aborted) return;
    if (failure !== null) return say(`${describeFailure(failure)}\nThe version before stays. Mend it and save.`);
    const builtMs = performance.now() - startedAt;
    const listed = await this.#listed();
    const before = listed?.status === "invalid" ? undefined : listed;
    try {
      await this.#install();
    } catch (error) {
      return say(`✗ ${(error as Error).message}`);
    }
    const outcome = await this.#untilItRuns(before);
    say(`${outcome} (built in ${seconds(builtMs)}, ${seconds(performance.now() - startedAt)} in all)`);
  }

  /** In one step, so that the host never sees half a file. */
  async #install(): Promise<void> {
    const { folder, project } = this.#options;
    const output = join(folder, project.output);
    if ((await stat(output).catch(() => null)) === null)
      throw new Error(`the build made no ${project.output}, which toru.json names as its output`);
    const target = join(this.#pluginsDir, this.#file);
    await copyFile(output, `${target}.new`);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }

  async #untilItRuns(before: InstalledPlugin | undefined): Promise<string> {
    const { project, signal } = this.#options;
    const deadline = performance.now() + RUNS_TIMEOUT_MS;
    let isLeased = false;
    while (performance.now() < deadline && !signal.aborted) {
      isLeased ||= await this.#lease(LEASE_MS); // makes the host look at once, too
      const found = await this.#listed();
      if (found?.status === "invalid") return `✗ ${this.#file} is no valid plugin: ${found.reason}`;
      const isNew = found !== undefined && found.revision !== before?.revision;
      if (isNew && found.id !== project.id)
        return `✗ the manifest says "${found.id}" and toru.json "${project.id}": make the two ids equal`;
      if (isNew && found.status === "running")
        return `✓ ${found.name} ${found.version} runs: ${this.#url}/view/${found.id}`;
      if (isNew && found.status === "disabled")
        return `✓ ${found.name} ${found.version} is installed, and disabled: toru plugins enable ${found.id}`;
      if (isNew && found.crash !== null) return `✗ it crashed: ${found.crash.reason}\n${found.crash.output.join("\n")}`;
      await Bun.sleep(POLL_MS);
    }
    return before === undefined ? "✗ it does not run yet; its log says more" : `✓ installed, and nothing of it changed`;
  }

  /** What the host has for our file. */
  async #listed(): Promise<Plugin | undefined> {
    const plugins = pluginListSchema.parse(await this.#options.client.json("GET", "/api/plugins"));
    return plugins.find((plugin) => plugin.file === this.#file);
  }

  /** False where the plugin is not there yet, or the host does not answer: the next renewal comes. */
  #lease(leaseMs: number): Promise<boolean> {
    const { client, project } = this.#options;
    const path = `/api/plugins/${encodeURIComponent(project.id)}/development`;
    return client.json("PUT", path, { lease_ms: leaseMs }).then(
      () => true,
      () => false,
    );
  }

  async #followLogs(): Promise<void> {
    const { client, project, signal } = this.#options;
    const path = `/api/plugins/${encodeURIComponent(project.id)}/logs/stream`;
    while (!signal.aborted) {
      try {
        for await (const { data } of client.events(path, signal)) {
          console.log(formatLogEntry(logEntrySchema.parse(JSON.parse(data))));
        }
      } catch {
        // Not installed yet, or the host restarts: asked again below.
      }
      await Bun.sleep(RETRY_LOGS_MS);
    }
  }

  get #file(): string {
    return `${this.#options.project.id}.binary`;
  }
}

function say(text: string): void {
  console.log(text);
}

function describeFailure({ command, output, tookMs }: BuildFailure): string {
  return `${output}\n✗ failed after ${seconds(tookMs)}: ${command}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
