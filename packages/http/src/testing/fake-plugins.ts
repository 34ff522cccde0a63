import type {
  BundleResult,
  ForwardResult,
  HostCounters,
  InstalledPlugin,
  ManageResult,
  PluginChange,
  PluginHost,
  PluginPaths,
  PluginSnapshot,
  PluginTarget,
} from "@toru/core";
import type { HttpRequestMessage, HttpResponseMessage, KvOperation, KvResult } from "@toru/protocol";

type Answer = ForwardResult<HttpResponseMessage>;

/** One installed plugin, "acme" at /acme, that answers as the test says, and one invalid file. */
export class FakePlugins implements PluginHost {
  /** What arrived at the plugin. */
  readonly received: HttpRequestMessage[] = [];
  readonly operations: KvOperation[] = [];
  readonly managed: string[] = [];
  readonly listeners = new Set<(change: PluginChange) => void>();
  acme: InstalledPlugin = installed();
  answer: (request: HttpRequestMessage, signal: AbortSignal | null) => Answer | Promise<Answer> = () => ok({});
  kvAnswer: ForwardResult<KvResult> = { ok: true, value: { value: "from the plugin" } };
  bundleAnswer: BundleResult = { ok: true, script: "window.x = 1" };
  manageAnswer: ManageResult | null = null;
  readonly #target: PluginTarget = {
    id: "acme",
    protocol: 2,
    takesStreams: false,
    takesWebSockets: false,
    upgrade: () => Promise.reject(new Error("no WebSockets")),
    http: async (request, caller) => {
      this.received.push(request);
      return this.answer(request, caller?.signal ?? null);
    },
    kv: async (operation) => {
      this.operations.push(operation);
      return this.kvAnswer;
    },
  };

  list(): PluginSnapshot[] {
    return [this.acme, { kind: "invalid", file: "broken.binary", id: "broken", reason: "it printed nothing" }];
  }

  get(id: string): PluginSnapshot | null {
    const name = (plugin: PluginSnapshot) => (plugin.kind === "installed" ? plugin.manifest.id : plugin.id);
    return this.list().find((plugin) => name(plugin) === id) ?? null;
  }

  enable(id: string): Promise<ManageResult> {
    return this.#manage("enable", id);
  }

  disable(id: string): Promise<ManageResult> {
    return this.#manage("disable", id);
  }

  restart(id: string): Promise<ManageResult> {
    return this.#manage("restart", id);
  }

  develop(id: string, leaseMs: number): Promise<ManageResult> {
    return this.#manage(`develop ${leaseMs}`, id);
  }

  byRoute(segment: string): PluginTarget | null {
    return segment.toLowerCase() === "acme" ? this.#target : null;
  }

  byId(id: string): PluginTarget | null {
    return id === "acme" ? this.#target : null;
  }

  async bundle(): Promise<BundleResult> {
    return this.bundleAnswer;
  }

  paths(id: string): PluginPaths | null {
    if (this.get(id) === null) return null;
    return { file: `/p/${id}.binary`, log: `/l/${id}.log`, data: `/d/${id}`, socket: `/r/${id}.sock` };
  }

  subscribe(listener: (change: PluginChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  counters(): HostCounters {
    return { plugins: new Map([["acme", { requests: 7, errors: 2, crashes: 1, droppedReplies: 0 }]]) };
  }

  /** Tells of a change of "acme". */
  change(reason: string): void {
    const event = { type: "unhealthy", timestamp: "2026-01-01T00:00:00.000Z", details: { reason } } as const;
    for (const listener of this.listeners) listener({ id: "acme", file: "acme.binary", plugin: this.acme, event });
  }

  async #manage(action: string, id: string): Promise<ManageResult> {
    this.managed.push(`${action} ${id}`);
    if (this.manageAnswer !== null) return this.manageAnswer;
    if (id === "acme") return { ok: true, plugin: this.acme };
    return { ok: false, code: "not_found", message: `there is no plugin ${id}` };
  }
}

export function ok(answer: Partial<HttpResponseMessage>): Answer {
  return { ok: true, value: { status: 200, headers: {}, body: null, ...answer } };
}

export function installed(changes: Partial<InstalledPlugin> = {}): InstalledPlugin {
  return {
    kind: "installed",
    file: "acme.binary",
    manifest: {
      id: "acme",
      name: "Acme",
      version: "1.0.0",
      icon: "🔒",
      route: "/acme",
      protocol: 2,
      handles: ["http"],
    },
    enabled: true,
    state: {
      status: "running",
      crashes: 0,
      crashTimes: [],
      crash: null,
      since: 0,
      health: { state: "healthy", since: 0 },
    },
    pid: 42,
    uptimeMs: 1234.5,
    restarts: 3,
    crashes: 0,
    lastCrash: null,
    retryInMs: null,
    problem: null,
    revision: "1a",
    isInDevelopment: false,
    ...changes,
  };
}
