import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callFetch } from "../answer-request.ts";
import { hostStore, kv } from "../host-store.ts";
import { log, logWriter, type LogPayload } from "../log.ts";
import type { Plugin, PluginContext } from "../plugin.ts";
import { answerFromMap } from "./memory-store.ts";
import { testRequest, type TestRequestInit } from "./test-request.ts";

/** A plugin under test in this process. */
export interface OpenPlugin extends AsyncDisposable {
  /** Calls the plugin's `fetch`; what that throws comes through. */
  fetch(path: string, init?: TestRequestInit): Promise<Response>;
  /** What `kv` works on. */
  readonly store: Map<string, string>;
  readonly logs: LogPayload[];
  readonly context: PluginContext;
  /** Tells the plugin to stop, and removes its data folder. */
  stop(): Promise<void>;
}

/** Runs a plugin's `init` and lets a test call its `fetch`, without a host and without a process. One at a time. */
export async function openPlugin(plugin: Plugin): Promise<OpenPlugin> {
  const store = new Map<string, string>();
  const logs: LogPayload[] = [];
  const stopping = new AbortController();
  const dataDir = await mkdtemp(join(tmpdir(), "toru-plugin-test-"));
  hostStore.connect((operation, id) => hostStore.receive(id, answerFromMap(store, operation)));
  logWriter.connect((line) => logs.push(line) > 0);
  const context: PluginContext = {
    kv,
    log,
    dataDir,
    instanceId: "test",
    mountPath: `/plugins${plugin.route}`,
    signal: stopping.signal,
  };
  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await plugin.shutdown?.(context);
    await rm(dataDir, { recursive: true, force: true });
  };
  await plugin.init?.(context);
  return {
    fetch: (path, init) => callFetch(plugin, testRequest(path, init), context),
    store,
    logs,
    context,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
