import { fstatSync } from "node:fs";
import { createServer } from "node:net";
import { answerRequest } from "./answer-request.ts";
import { Connection, type ConnectionHandlers } from "./connection.ts";
import { hostStore, kv } from "./host-store.ts";
import type { KvOperation } from "./key-value.ts";
import { listenOn } from "./listen-on.ts";
import { log, logWriter, print } from "./log.ts";
import type { Plugin, PluginContext } from "./plugin.ts";
import { errorPayload, type JsonObject } from "./wire/message.ts";

/** How long the plugin's `init` may take. */
const INIT_TIMEOUT_MS = 10_000;
/** How long its `shutdown` may take. */
const SHUTDOWN_HOOK_TIMEOUT_MS = 1_000;
/** How long the last bytes may take to the host, and its end of the connection to close. */
const FLUSH_TIMEOUT_MS = 500;
/** Requests in flight after SIGTERM, which says no time of its own. */
const DEFAULT_GRACE_MS = 5_000;
/** Connections at a time. The host keeps one; for a moment there is a second where it connects anew. */
const MAX_CONNECTIONS = 8;

/** The plugin as a process: the socket, the host's connections, and the three ways to end. */
export class PluginProcess {
  readonly #plugin: Plugin;
  readonly #connections = new Set<Connection>();
  readonly #server = createServer((socket) => {
    this.#connections.add(new Connection(socket, this.#handlers));
  });
  readonly #stopping = new AbortController();
  readonly #context: PluginContext;
  /** The newest that has sent init: our own requests go there. */
  #current: Connection | null = null;
  #initialised: Promise<unknown> | null = null;

  constructor(plugin: Plugin) {
    this.#plugin = plugin;
    this.#context = {
      kv,
      log,
      dataDir: process.env["TORU_PLUGIN_DATA_DIR"] ?? process.cwd(),
      instanceId: process.env["TORU_INSTANCE_ID"] ?? "",
      mountPath: `/plugins${plugin.route}`,
      signal: this.#stopping.signal,
    };
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Resolves when the socket listens. */
  async run(socketPath: string): Promise<void> {
    process.on("SIGTERM", () => void this.#stop(DEFAULT_GRACE_MS));
    this.#endWithHost();
    await listenOn(this.#server, socketPath);
  }

  readonly #handlers: ConnectionHandlers = {
    init: ({ protocol }) => {
      if (protocol === 2) return null;
      return { code: "unsupported", message: "this plugin speaks version 2 of the protocol" };
    },
    ready: (connection) => {
      this.#current = connection;
      hostStore.connect((operation, id) => connection.kv(operation, id));
      logWriter.connect((line) => connection.log(line) || print(line));
      this.#initialised ??= this.#init();
    },
    request: async (type, payload, exchange) => {
      if (this.#stopping.signal.aborted) {
        return exchange.reply(errorPayload("stopping", "the plugin stops and takes no more requests"));
      }
      await this.#initialised;
      // A handler that is given an aborted signal would wait for an abort that has been.
      if (exchange.signal.aborted) return;
      if (type === "kv") return exchange.reply(await this.#answerKv(payload));
      return answerRequest(this.#plugin, payload, this.#context, exchange);
    },
    kvReply: (id, payload) => hostStore.receive(id, payload),
    shutdown: (graceMs) => void this.#stop(graceMs),
    failed: (what, error) => log.error(what, { error }),
    closed: (connection, fault) => {
      this.#connections.delete(connection);
      if (this.#current === connection) hostStore.disconnect();
      if (fault !== null) log.error("The host broke the protocol; the connection is closed", { error: fault });
    },
  };

  async #init(): Promise<void> {
    try {
      const failed = `init did not end within ${INIT_TIMEOUT_MS / 1000} s`;
      const ended = await within(INIT_TIMEOUT_MS, async () => void (await this.#plugin.init?.(this.#context)));
      if (!ended) throw new Error(failed);
    } catch (error) {
      log.error("The plugin cannot start: its init failed", { error });
      await this.#exit(1);
    }
  }

  async #answerKv(payload: JsonObject): Promise<object> {
    try {
      const answer = await this.#plugin.handleKv?.(payload as unknown as KvOperation, this.#context);
      return answer ?? errorPayload("unsupported", "this plugin answers no key-value requests");
    } catch (error) {
      log.error("A key-value request failed", { error });
      return errorPayload("internal", "the plugin failed to answer; its log says why");
    }
  }

  /** The host holds our stdin open; where that is a pipe, its end means that the host is gone. */
  #endWithHost(): void {
    if (!isPipe(0)) return;
    const stop = () => void this.#stop(0);
    process.stdin.on("end", stop).on("error", stop).resume();
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(new DOMException("the plugin is told to stop", "AbortError"));
    this.#server.close();
    await within(graceMs, () => Promise.all(Array.from(this.#connections, (connection) => connection.idle())));
    for (const connection of this.#connections) connection.abort("the plugin stops");
    try {
      const shutdown = async () => void (await this.#plugin.shutdown?.(this.#context));
      if (this.#initialised !== null) await within(SHUTDOWN_HOOK_TIMEOUT_MS, shutdown);
    } catch (error) {
      log.error("The plugin's shutdown failed", { error });
    }
    await this.#exit(0);
  }

  async #exit(code: number): Promise<never> {
    logWriter.flush();
    await within(FLUSH_TIMEOUT_MS, () => Promise.all(Array.from(this.#connections, (connection) => connection.end())));
    process.exit(code);
  }
}

function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false; // it is closed
  }
}

/** Whether `work` was done in this time; it is not stopped where it was not. */
async function within(limitMs: number, work: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([work().then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}
