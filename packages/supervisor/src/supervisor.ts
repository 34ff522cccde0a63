import type {
  BundleResult,
  HostCounters,
  ManageResult,
  NewPluginEvent,
  PluginChange,
  PluginHost,
  PluginPaths,
  PluginSnapshot,
  PluginTarget,
} from "@toru/core";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readBundle } from "./bundle.ts";
import { fileAsker } from "./catalog/ask-file.ts";
import { PluginCatalog } from "./catalog/plugin-catalog.ts";
import { manifestOf, type PluginEntry } from "./catalog/plugin-entry.ts";
import { ChangeFeed } from "./change-feed.ts";
import { Cgroups } from "./confine/cgroups.ts";
import { Confiner } from "./confine/confiner.ts";
import { EventRecorder } from "./event-recorder.ts";
import { EnabledPlugins } from "./folder/enabled-plugins.ts";
import { givenPaths, pluginPaths } from "./folder/plugin-paths.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { DevelopmentLeases } from "./life/development-leases.ts";
import { PluginRunner, type RunnerHost } from "./life/plugin-runner.ts";
import type { SupervisorOptions } from "./options.ts";
import { PluginOrders } from "./plugin-orders.ts";
import { killStrayProcesses } from "./process/stray-processes.ts";
import { StraySweep } from "./process/stray-sweep.ts";
import { within } from "./process/within.ts";
import { activityOf } from "./resources/process-activity.ts";
import { ProcessorTurns } from "./resources/processor-turns.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { Traffic } from "./traffic.ts";

/** What the end of all plugins may take beyond the graces: the last output, the clean-up. */
const AFTER_GRACES_MS = 5_000;
/** Longest look at all processes of the machine. */
const SWEEP_MS = 5_000;
/** Two share a processor: while one waits for the host's next step, the other computes. */
const STARTS_A_PROCESSOR = 2;
/** Names no plugin in a log line: an id cannot hold it. */
const ALL_PLUGINS = "*";

/** Runs the plugins of one folder. Made by `start`, ended by `close`. */
export class Supervisor implements PluginHost, AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #enabled: EnabledPlugins;
  readonly #cgroups: Cgroups | null;
  readonly #catalog: PluginCatalog;
  readonly #recorder: EventRecorder;
  readonly #changes: ChangeFeed;
  readonly #runners = new Set<PluginRunner>();
  readonly #heartbeat: Disposable;
  readonly #orders: PluginOrders;
  readonly #shared: RunnerHost;
  readonly #development = new DevelopmentLeases((id) => {
    const entry = this.#catalog.byId(id);
    if (entry !== null) this.#changes.announce(entry, false);
  });
  #closing: Promise<void> | null = null;

  private constructor(options: SupervisorOptions, enabled: EnabledPlugins, cgroups: Cgroups | null) {
    this.#options = options;
    this.#enabled = enabled;
    this.#cgroups = cgroups;
    this.#changes = new ChangeFeed(enabled, options.logs);
    this.#shared = {
      options,
      confiner: new Confiner(cgroups, (id) => enabled.confinement(id)),
      traffic: new Traffic(),
      turns: turns(STARTS_A_PROCESSOR),
      strays: new StraySweep(options.instanceId),
    };
    this.#catalog = this.#makeCatalog();
    this.#orders = new PluginOrders({
      catalog: this.#catalog,
      enabled,
      development: this.#development,
      snapshot: (entry) => this.#changes.snapshot(entry),
      isClosing: () => this.#closing !== null,
    });
    this.#recorder = new EventRecorder(options.events, options.logs);
    this.#heartbeat = startHeartbeat(options.logs.supervisor(ALL_PLUGINS), () => this.#catalog.runners);
  }

  /** Kills what an earlier run left behind, then starts every enabled plugin; does not wait for them to be ready. */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const { instanceId, pluginsDir, logs } = options;
    const log = logs.supervisor(ALL_PLUGINS);
    const left = (await within(killStrayProcesses(instanceId), SWEEP_MS)) ?? [];
    if (left.length > 0)
      void log.write({ level: "warn", message: "killed processes of an earlier run", fields: { pids: left } });
    const complain = (message: string) => {
      void log.write({ level: "error", message });
      options.alert(message);
    };
    await mkdir(join(options.dataDir, "plugins"), { recursive: true, mode: 0o700 });
    const enabled = await EnabledPlugins.load(pluginsDir, complain).catch((cause: unknown) => {
      throw new SupervisorError("folder", `cannot use the plugins folder ${pluginsDir}: ${String(cause)}`, { cause });
    });
    const supervisor = new Supervisor(options, enabled, await Cgroups.open(instanceId));
    void log.write({ level: "info", message: "host started", fields: { event: "host-started", pid: process.pid } });
    await supervisor.#catalog.start();
    return supervisor;
  }

  list(): PluginSnapshot[] {
    const entries = [...this.#catalog.entries].filter((entry) => entry.reading !== null);
    entries.sort((a, b) => (a.file.file < b.file.file ? -1 : 1));
    return entries.map((entry) => this.#changes.snapshot(entry)).filter((snapshot) => snapshot !== null);
  }

  get(id: string): PluginSnapshot | null {
    const entry = this.#catalog.byId(id);
    return entry === null ? null : this.#changes.snapshot(entry);
  }

  byRoute(segment: string): PluginTarget | null {
    return this.#catalog.byRoute(segment)?.target ?? null;
  }

  byId(id: string): PluginTarget | null {
    return this.#catalog.byId(id)?.runner?.target ?? null;
  }

  enable(id: string): Promise<ManageResult> {
    return this.#orders.enable(id);
  }

  disable(id: string): Promise<ManageResult> {
    return this.#orders.disable(id);
  }

  restart(id: string): Promise<ManageResult> {
    return this.#orders.restart(id);
  }

  develop(id: string, leaseMs: number): Promise<ManageResult> {
    return this.#orders.develop(id, leaseMs);
  }

  bundle(id: string, signal: AbortSignal | null): Promise<BundleResult> {
    const runner = this.#catalog.byId(id)?.runner ?? null;
    if (runner === null || !this.#enabled.isEnabled(id)) {
      return Promise.resolve({ ok: false, code: "not_found", message: `there is no enabled plugin ${id}` });
    }
    return readBundle(this.#options.pluginsDir, runner.target, signal);
  }

  paths(id: string): PluginPaths | null {
    const entry = this.#catalog.byId(id);
    if (entry === null) return null;
    return pluginPaths(givenPaths(this.#options, id, this.#shared.confiner.hasOwnUser(id)), entry.file.path);
  }

  subscribe(listener: (change: PluginChange) => void): () => void {
    return this.#changes.subscribe(listener);
  }

  counters(): HostCounters {
    return { plugins: new Map(this.#catalog.runners.map((runner) => [runner.id, runner.counters])) };
  }

  /** Stops all plugins at once and waits for the last of them; at the longest both graces and a few seconds. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const log = this.#options.logs.supervisor(ALL_PLUGINS);
    this.#heartbeat[Symbol.dispose]();
    this.#development[Symbol.dispose]();
    this.#catalog[Symbol.dispose]();
    void log.write({ level: "info", message: "host stopping", fields: { event: "host-stopping" } });
    const { shutdownGraceMs, terminateGraceMs } = this.#options.timings;
    const ended = Promise.all([...this.#runners].map((runner) => runner.remove()));
    await within(ended, shutdownGraceMs + terminateGraceMs + AFTER_GRACES_MS);
    if (this.#runners.size > 0) {
      const plugins = [...this.#runners].map(({ id }) => id);
      void log.write({ level: "error", message: "plugins that could not be ended", fields: { plugins } });
    }
    await within(killStrayProcesses(this.#options.instanceId), SWEEP_MS).catch((error: unknown) => {
      const message = "what plugins have left behind could not be looked for";
      void log.write({ level: "error", message, error: String(error) });
    });
    await this.#cgroups?.[Symbol.asyncDispose]();
    await this.#recorder.settled();
    this.#changes.end();
    void log.write({ level: "info", message: "host stopped", fields: { event: "host-stopped" } });
  }

  #makeCatalog(): PluginCatalog {
    const { pluginsDir, timings, logs } = this.#options;
    const complain = (message: string) => void logs.supervisor(ALL_PLUGINS).write({ level: "error", message });
    return new PluginCatalog({
      pluginsDir,
      rescanIntervalMs: timings.rescanIntervalMs,
      readMetadata: fileAsker(this.#options, this.#shared.confiner),
      turns: turns(1),
      isEnabled: (id) => this.#enabled.isEnabled(id),
      makeRunner: (entry) => this.#makeRunner(entry),
      onEntry: (entry, gone) => this.#changes.announce(entry, gone),
      complain,
      alert: (message) => {
        complain(message);
        this.#options.alert(message);
      },
    });
  }

  #makeRunner(entry: PluginEntry): PluginRunner {
    const manifest = manifestOf(entry);
    if (manifest === null) throw new Error(`${entry.file.file} has no manifest to run by`);
    const runner = new PluginRunner(entry.file, manifest, this.#shared, {
      onChange: (changed, event) => this.#onChange(entry, changed, event),
      onPersist: async (id, enabled) => {
        await this.#enabled.set(id, enabled);
        this.#catalog.reconcile();
        this.#changes.announce(entry, false);
      },
      isInDevelopment: (id) => this.#development.has(id),
    });
    this.#runners.add(runner);
    return runner;
  }

  #onChange(entry: PluginEntry, runner: PluginRunner, event: NewPluginEvent | null): void {
    if (event !== null) this.#recorder.record(event);
    const { state } = runner;
    // A plugin that holds its id and route no more may make room for another file.
    if (!runner.live || state.status === "backoff") queueMicrotask(() => this.#catalog.reconcile());
    if (state.status === "stopping" && state.next === "removed" && runner.life === null) this.#runners.delete(runner);
    this.#changes.changed(entry, runner, event);
  }
}

/** For each processor so many at a time. */
function turns(aProcessor: number): ProcessorTurns {
  return new ProcessorTurns({ atOnce: aProcessor * availableParallelism(), activityOf });
}
