import type { KeyValue, KvOperation, KvKeys } from "./key-value.ts";
import type { Log } from "./log.ts";
import { checkManifest, type Manifest } from "./manifest.ts";
import type { PluginUser } from "./http/user.ts";

/** What a plugin has at hand from `init` to its end. */
export interface PluginContext {
  readonly kv: KeyValue;
  readonly log: Log;
  /** A private folder (mode 0700) that outlives restarts; an absolute path. */
  readonly dataDir: string;
  /** Names the installation of the host; never changes. */
  readonly instanceId: string;
  /** Where a browser finds the plugin: `/plugins/my-plugin`. For redirects and links. */
  readonly mountPath: string;
  /** Aborted when the plugin is told to stop. End timers and loops by it. */
  readonly signal: AbortSignal;
}

export interface RequestContext extends PluginContext {
  /** Who asks; null where no person does. */
  readonly user: PluginUser | null;
}

/** What `definePlugin` takes: the manifest, and what the plugin does. */
export interface PluginDefinition extends Manifest {
  /**
   * Answers one request. `request.url` is relative to the plugin: `/plugins/my-plugin/a?b=1` is `http://<host>/a?b=1`.
   * `request.signal` is aborted when nobody waits for the answer any more. What it throws is logged; the client gets 502.
   */
  fetch(request: Request, context: RequestContext): Response | Promise<Response>;
  /**
   * Called once, when the host has connected. Requests wait for it, at most 10 s. A plugin whose `init` fails ends with
   * code 1, and the host starts it again later.
   */
  init?(context: PluginContext): unknown;
  /** Called once, after the last requests were answered, where `init` was called. It has 1 s. */
  shutdown?(context: PluginContext): unknown;
  /** Answers what the host asks of the plugin's own store; the manifest's `handles` then names `kv`. */
  handleKv?(operation: KvOperation, context: PluginContext): KvAnswer | Promise<KvAnswer>;
  /** The script of the page in the panel, the answer to `GET /bundle.js`. `toru-plugin build` puts it in. */
  page?: string;
}

/** `keys` for `list`, `value` (null where there is none) for the others. */
export type KvAnswer = { value: string | null } | KvKeys;

/** A checked definition, for `serve` and for tests. */
export interface Plugin extends Readonly<PluginDefinition> {
  /** What `--metadata` prints. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Checks the definition and returns it as a plugin. Nothing runs yet. Throws a TypeError that names every wrong field. */
export function definePlugin(definition: PluginDefinition): Plugin {
  checkManifest(definition);
  if (typeof definition.fetch !== "function") {
    throw new TypeError(
      "a plugin has a fetch(request, context) that returns a Response, like `fetch: app.fetch` of Hono",
    );
  }
  const isManifest = ([name, value]: [string, unknown]) => typeof value !== "function" && name !== "page";
  const manifest = Object.fromEntries(Object.entries(definition).filter(isManifest));
  const handles = definition.handleKv === undefined ? ["http"] : ["http", "kv"];
  return { ...definition, metadata: { ...manifest, protocol: 2, handles } };
}
