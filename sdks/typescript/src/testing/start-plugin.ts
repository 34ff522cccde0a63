import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { KvOperation } from "../key-value.ts";
import type { LogPayload } from "../log.ts";
import type { PluginWebSocket } from "../websocket/plugin-web-socket.ts";
import { askPlugin, openWebSocket } from "./ask-plugin.ts";
import { HostLink } from "./host-link.ts";
import { answerFromMap } from "./memory-store.ts";
import { testRequest, type TestRequestInit } from "./test-request.ts";

/** The host's own limits: for `--metadata`, for the socket and for `ready`, and from `shutdown` to the end. */
const METADATA_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 7_000;
/** What the plugin has printed is kept up to here, in characters. */
const MAX_OUTPUT_CHARACTERS = 256 * 1024;

/** A built plugin that runs as a process of its own, with this test as its host. */
export interface StartedPlugin extends AsyncDisposable {
  /** What `--metadata` printed. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /**
   * Asks as a browser would through `/plugins/<route>`; rejects where the host would answer 502. Bodies stream in both
   * directions; `body.cancel()` of the Response is a client that goes away.
   */
  fetch(path: string, init?: TestRequestInit): Promise<Response>;
  /** Opens a WebSocket as a page would; this is the client's end of it. Rejects where the plugin answers otherwise. */
  webSocket(path: string, init?: TestWebSocketInit): Promise<PluginWebSocket>;
  /** The script of the page; null where the plugin brings none. */
  page(): Promise<string | null>;
  /** What the plugin's `kv` works on. */
  readonly store: Map<string, string>;
  readonly logs: LogPayload[];
  /** What it has printed on stdout and stderr. */
  readonly output: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  readonly link: HostLink;
  /** Sends `shutdown` and waits for the end. Resolves with the exit code, null where it had to be killed. */
  stop(graceMs?: number): Promise<number | null>;
}

export interface TestWebSocketInit extends TestRequestInit {
  /** The subprotocols that the client offers. */
  protocols?: string[];
}

export interface StartOptions {
  /** What the host offers: `stream` and `websocket` where nothing is said. */
  features?: string[];
  /** Further variables of the environment. */
  env?: Record<string, string>;
  /** What is called in place of the file itself, like `["bun", "plugin.binary"]`. */
  command?: string[];
  /** What the store holds at the start. */
  store?: Map<string, string>;
}

/** Starts a `.binary` as the host does: asks what it is, runs it, connects and waits for `ready`. */
export async function startPlugin(file: string, options: StartOptions = {}): Promise<StartedPlugin> {
  const manifest = await readManifest(file, options);
  const folder = await mkdtemp(join(tmpdir(), "toru-plugin-"));
  await mkdir(join(folder, "data"), { mode: 0o700 });
  const started = new Started(file, manifest, folder, options);
  try {
    await started.connect();
    return started;
  } catch (error) {
    await started.stop(0);
    throw new Error(`${file} did not start:\n${started.output}`, { cause: error });
  }
}

async function readManifest(file: string, { env = {}, command = [] }: StartOptions): Promise<Record<string, unknown>> {
  const [program = resolve(file), ...args] = command;
  const limits = { timeout: METADATA_TIMEOUT_MS, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(program, [...args, "--metadata"], limits);
  return JSON.parse(stdout) as Record<string, unknown>;
}

class Started implements StartedPlugin {
  readonly manifest: Record<string, unknown>;
  readonly store: Map<string, string>;
  readonly logs: LogPayload[] = [];
  output = "";
  readonly dataDir: string;
  readonly process: ChildProcess;
  readonly #folder: string;
  readonly #socketPath: string;
  readonly #ended: Promise<number | null>;
  readonly #features: string[];
  #link: HostLink | null = null;

  constructor(
    file: string,
    manifest: Record<string, unknown>,
    folder: string,
    { env = {}, command = [], store = new Map(), features = ["stream", "websocket"] }: StartOptions,
  ) {
    this.#features = features;
    this.manifest = manifest;
    this.store = store;
    this.#folder = folder;
    this.dataDir = join(folder, "data");
    this.#socketPath = join(folder, "plugin.sock");
    const [program = resolve(file), ...args] = command;
    const environment = { ...this.#environment(), ...env };
    this.process = spawn(program, args, { cwd: this.dataDir, env: environment, stdio: "pipe", detached: true });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (text) => (this.output = (this.output + String(text)).slice(-MAX_OUTPUT_CHARACTERS)));
    }
    this.#ended = new Promise((settle) => {
      this.process.once("exit", settle);
      this.process.once("error", (error) => {
        this.output += `${error.message}\n`;
        settle(null);
      });
    });
  }

  get link(): HostLink {
    if (this.#link === null) throw new Error("the plugin is not connected");
    return this.#link;
  }

  /** Opens a connection, the only one from then on, and sends init. */
  async connect(): Promise<void> {
    const hasEnded = () => (this.#hasExited() ? "the process ended before it listened" : null);
    const link = await HostLink.open(this.#socketPath, START_TIMEOUT_MS, hasEnded);
    this.#link = link;
    link.onMessage = ({ type, request_id: id, payload }) => {
      if (type === "log") this.logs.push(payload as LogPayload);
      if (type === "kv" && id !== undefined) link.send("kv", answerFromMap(this.store, payload as KvOperation), id);
    };
    const { TORU_PLUGIN_LOG: logPath, TORU_INSTANCE_ID: instanceId } = this.#environment();
    const files = { socket_path: this.#socketPath, log_path: logPath, data_dir: this.dataDir };
    const about = { action: "init", protocol: 2, instance_id: instanceId, plugin_id: "test" };
    const init = { ...about, ...files, features: this.#features };
    const reply = await link.request("lifecycle", init);
    if (reply["action"] !== "ready") throw new Error(`init was answered by ${JSON.stringify(reply)}`);
  }

  async page(): Promise<string | null> {
    const response = await askPlugin(this.link, "/bundle.js", testRequest("/bundle.js", { user: null }));
    const isScript = response.headers.get("content-type")?.includes("javascript") === true;
    return response.status === 200 && isScript ? response.text() : null;
  }

  fetch(path: string, init?: TestRequestInit): Promise<Response> {
    return askPlugin(this.link, this.#target(path), testRequest(path, init), this.#features.includes("stream"));
  }

  webSocket(path: string, { protocols = [], ...init }: TestWebSocketInit = {}): Promise<PluginWebSocket> {
    return openWebSocket(this.link, this.#target(path), testRequest(path, init), protocols);
  }

  #target(path: string): string {
    return `${String(this.manifest["route"])}${path}`;
  }

  async stop(graceMs = 5_000): Promise<number | null> {
    if (this.#link !== null && !this.#hasExited())
      this.#link.send("lifecycle", { action: "shutdown", grace_ms: graceMs });
    else this.process.stdin?.end();
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    this.#link?.close();
    await rm(this.#folder, { recursive: true, force: true });
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0);
  }

  #hasExited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined;
  }

  #environment(): Record<string, string> {
    const { PATH = "", HOME = "/", LANG = "C.UTF-8" } = process.env;
    return {
      PATH,
      HOME,
      LANG,
      TORU_PLUGIN_SOCKET: this.#socketPath,
      TORU_PLUGIN_ID: "test",
      TORU_PLUGIN_LOG: join(this.#folder, "plugin.log"),
      TORU_PLUGIN_DATA_DIR: this.dataDir,
      TORU_INSTANCE_ID: "00000000-0000-4000-8000-000000000000",
      TORU_PROTOCOL: "2",
    };
  }
}
