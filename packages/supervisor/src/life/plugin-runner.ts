import {
  crashesAt,
  DISABLED,
  transition,
  type Crash,
  type InstalledPlugin,
  type Manifest,
  type NewLogEntry,
  type NewPluginEvent,
  type PluginEffect,
  type PluginInput,
  type PluginState,
} from "@toru/core";
import type { Confined, Confiner } from "../confine/confiner.ts";
import { prepareFolders } from "../confine/own-folder.ts";
import { type GivenPaths, givenPaths } from "../folder/plugin-paths.ts";
import type { PluginFile } from "../folder/plugin-file.ts";
import type { HealthReport } from "../link/plugin-link.ts";
import type { SupervisorOptions } from "../options.ts";
import { pluginEnvironment } from "../process/environment.ts";
import type { StraySweep } from "../process/stray-sweep.ts";
import type { ProcessorTurns } from "../resources/processor-turns.ts";
import type { Traffic } from "../traffic.ts";
import { LineBrake } from "./line-brake.ts";
import { PluginLife } from "./plugin-life.ts";
import { pluginServices } from "./plugin-services.ts";
import { RunnerTarget } from "./runner-target.ts";
import { stateChangeEntry } from "./state-log.ts";

/** Longest start of a plugin in development, in milliseconds: a debugger may wait for a person before the first line. */
const DEVELOPMENT_START_MS = 600_000;

/** What all plugins of a host share. */
export interface RunnerHost {
  options: SupervisorOptions;
  confiner: Confiner;
  traffic: Traffic;
  /** To start a process. */
  turns: ProcessorTurns;
  strays: StraySweep;
}

export interface RunnerEvents {
  /** After every change that shows, with the event that was recorded, if any. */
  onChange(runner: PluginRunner, event: NewPluginEvent | null): void;
  /** The crash limit has disabled it: a person's word is not asked. */
  onPersist(pluginId: string, enabled: boolean): Promise<void>;
  isInDevelopment(pluginId: string): boolean;
}

/** One installed plugin: its state, and the life of its process where it has one. */
export class PluginRunner {
  /** As it was when the runner was made. */
  readonly file: PluginFile;
  readonly manifest: Manifest;
  readonly target: RunnerTarget;
  problem: string | null = null;
  readonly #host: RunnerHost;
  readonly #options: SupervisorOptions;
  readonly #events: RunnerEvents;
  readonly #removed = Promise.withResolvers<void>();
  readonly #warnings: LineBrake;
  #state: PluginState = DISABLED;
  #life: PluginLife | null = null;
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;
  #totalCrashes = 0;
  #droppedReplies = 0;
  #lastCrash: Crash | null = null;

  constructor(file: PluginFile, manifest: Manifest, host: RunnerHost, events: RunnerEvents) {
    this.file = file;
    this.manifest = manifest;
    this.#host = host;
    this.#options = host.options;
    this.#events = events;
    this.target = new RunnerTarget(this);
    this.#warnings = new LineBrake(
      (message) => this.#log(message, {}, "warn"),
      () => host.options.clock.monotonic(),
    );
  }

  get traffic(): Traffic {
    return this.#host.traffic;
  }

  get id(): string {
    return this.manifest.id;
  }

  get state(): PluginState {
    return this.#state;
  }

  get life(): PluginLife | null {
    return this.#life;
  }

  /** Holds its id and route against newcomers. */
  get live(): boolean {
    return this.#state.status !== "disabled" && this.#state.status !== "failed";
  }

  get counters(): { requests: number; errors: number; crashes: number; droppedReplies: number } {
    const { requests, errors } = this.target;
    const droppedReplies = this.#droppedReplies + (this.#life?.droppedReplies ?? 0);
    return { requests, errors, crashes: this.#totalCrashes, droppedReplies };
  }

  /** Milliseconds until the next start, or null where none is planned. */
  get retryInMs(): number | null {
    if (this.#state.status !== "backoff") return null;
    return Math.max(0, Math.round(this.#state.until - this.#options.clock.monotonic()));
  }

  /** `bundleMark` changes with the bundle file beside the plugin. */
  snapshot(enabled: boolean, bundleMark: string): InstalledPlugin {
    const pid = this.#life?.pid ?? null;
    return {
      kind: "installed",
      file: this.file.file,
      manifest: this.manifest,
      enabled: enabled && this.#state.status !== "failed", // said before it is saved
      state: this.#state,
      pid,
      uptimeMs: pid === null || this.#life === null ? null : Math.round(this.#life.uptimeMs),
      restarts: this.#restarts,
      crashes: crashesAt(this.#state, this.#options.policy, this.#options.clock.monotonic()),
      lastCrash: this.#lastCrash,
      retryInMs: this.retryInMs,
      problem: this.problem,
      isInDevelopment: this.#events.isInDevelopment(this.id),
      revision: Bun.hash(`${this.file.fingerprint}\n${bundleMark}`).toString(36),
    };
  }

  dispatch(input: PluginInput): void {
    const { policy, clock } = this.#options;
    const before = this.#state;
    const { state, effects } = transition(before, input, policy, clock.monotonic());
    this.#state = state;
    const entry = stateChangeEntry(before, state);
    if (entry !== null) this.#write(entry);
    const recorded = effects.filter((effect) => effect.type === "record");
    for (const effect of effects) this.#apply(effect);
    if (recorded.length > 0) {
      for (const { event, details } of recorded) {
        this.#events.onChange(this, {
          pluginId: this.id,
          type: event,
          timestamp: new Date(clock.now()).toISOString(),
          details,
        });
      }
    } else if (before !== state) this.#events.onChange(this, null);
  }

  /** Stops it for good. Resolves when nothing of it runs any more. */
  remove(): Promise<void> {
    this.dispatch({ type: "remove" });
    return this.#removed.promise;
  }

  #apply(effect: PluginEffect): void {
    switch (effect.type) {
      case "spawn":
        return this.#spawn();
      case "stop":
        return this.#life?.stop();
      case "abort":
        return this.#life?.abort(effect.reason);
      case "schedule-start":
        this.#log("restart scheduled", { delay_ms: effect.delayMs });
        this.#startTimer = setTimeout(() => this.dispatch({ type: "backoff-elapsed" }), effect.delayMs);
        return undefined;
      case "cancel-start":
        return clearTimeout(this.#startTimer);
      case "persist-enabled":
        this.#events.onPersist(this.id, effect.enabled).catch((error: unknown) => {
          this.#log("the enabled state could not be saved", { error: String(error) }, "error");
        });
        return undefined;
      case "record":
        if (effect.event === "restarted") this.#restarts += 1;
        if (effect.event === "crashed") this.#totalCrashes += 1;
        return undefined;
      case "removed":
        return this.#removed.resolve();
    }
  }

  #spawn(): void {
    const { runDir, instanceId, logs, clock, timings, maxFrameBytes } = this.#options;
    const log = logs.plugin(this.id);
    const hasOwnUser = this.#host.confiner.hasOwnUser(this.id);
    const paths = givenPaths(this.#options, this.id, hasOwnUser);
    const life = new PluginLife({
      file: this.file.path,
      manifest: this.manifest,
      env: pluginEnvironment(process.env, instanceId, this.id, paths, hasOwnUser),
      init: { pluginId: this.id, instanceId, ...paths },
      runDir,
      limits: { ...timings, startTimeoutMs: this.#startTimeoutMs(), maxFrameBytes },
      shutdownGraceMs: timings.shutdownGraceMs,
      terminateGraceMs: timings.terminateGraceMs,
      services: pluginServices(this.id, this.#options.kv, log, {
        warn: (message) => this.#warnings.line(message),
        othersAreAsked: () => this.traffic.besides(this.id),
      }),
      log,
      clock,
      prepare: () => this.#prepare(paths),
      act: (action, fields) => this.#log(action, { event: action, ...fields }),
      turn: (signal) => this.#host.turns.take(signal),
      sweep: (signal) => this.#host.strays.sweep(this.id, signal),
      onReady: () => this.dispatch({ type: "ready" }),
      onHealth: (report) => this.#onHealth(report),
      onConnectionLost: (reason) => this.dispatch({ type: "connection-lost", reason }),
      onEnd: (crash) => {
        this.#droppedReplies += life.droppedReplies;
        this.#life = null;
        if (this.#state.status !== "stopping") this.#lastCrash = crash;
        this.dispatch({ type: "exited", crash });
      },
    });
    this.#life = life;
  }

  async #prepare(paths: GivenPaths): Promise<Confined> {
    const confined = await this.#host.confiner.confine(this.id, this.file.path);
    await prepareFolders(this.#options, paths, confined.owner);
    if (confined.unkept.length > 0) {
      const limits = confined.unkept.join(" and ");
      this.#log(`nothing on this machine can keep its limit of ${limits}: the host would need cgroup v2`, {}, "warn");
    }
    return confined;
  }

  #startTimeoutMs(): number {
    const { startTimeoutMs } = this.#options.timings;
    return this.#events.isInDevelopment(this.id) ? Math.max(DEVELOPMENT_START_MS, startTimeoutMs) : startTimeoutMs;
  }

  #onHealth(report: HealthReport): void {
    if (report.ok) return this.dispatch({ type: "health-ok" });
    const isTolerated = this.#events.isInDevelopment(this.id);
    this.dispatch({ type: "health-miss", reason: report.reason, isTolerated });
  }

  #log(message: string, fields: Record<string, unknown>, level: "info" | "warn" | "error" = "info"): void {
    this.#write(Object.keys(fields).length === 0 ? { level, message } : { level, message, fields });
  }

  #write(entry: NewLogEntry): void {
    void this.#options.logs.supervisor(this.id).write(entry);
  }
}
