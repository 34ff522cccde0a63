import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../codec/message.ts";
import { ExamFailure } from "../exam-failure.ts";
import { ByteSocket } from "./byte-socket.ts";
import { INSTANCE_ID, pluginEnvironment, type PluginPaths } from "./environment.ts";
import { KvStore } from "./kv-store.ts";
import type { Manifest } from "./manifest.ts";
import { PluginProcess } from "./plugin-process.ts";
import { shorten, type Transcript } from "./transcript.ts";
import { exchangeV1, type V1Message, type V1Outcome } from "./v1-exchange.ts";
import { V2Connection, type KvAnswer } from "./v2-connection.ts";

/** From the start of the process to a socket that listens. */
export const SOCKET_LIMIT_MS = 10_000;
/** From `init` to `ready`. */
const READY_LIMIT_MS = 10_000;
/** What a host offers in `init`. */
const OFFERED_FEATURES: readonly string[] = ["stream", "websocket"];
/** How long the exam waits for what the plugin owes, where a case says no other. */
const REPLY_LIMIT_MS = 8_000;
/** Of what the plugin printed, so many lines are told with a failure, */
const TOLD_LINES = 15;
/** and so many characters of each. */
const TOLD_CHARACTERS = 200;

export interface StartRequest {
  file: string;
  manifest: Manifest;
  /** A folder of its own. */
  folder: string;
  transcript: Transcript;
  /** Ends every wait for the socket when the exam is interrupted. */
  signal: AbortSignal;
}

/** A process of the plugin and what the exam does with it in the host's place. */
export class RunningPlugin implements AsyncDisposable {
  readonly manifest: Manifest;
  readonly process: PluginProcess;
  readonly paths: PluginPaths;
  readonly store = new KvStore();
  /** How the host's store answers; a case may answer wrongly. */
  answerKv: KvAnswer = (request) => this.store.perform(request);
  /** The transcript of the case that is under way. */
  transcript: Transcript;
  readonly #signal: AbortSignal;
  #unused: ByteSocket | null = null;
  #connections: V2Connection[] = [];

  private constructor(request: StartRequest, paths: PluginPaths) {
    this.manifest = request.manifest;
    this.transcript = request.transcript;
    this.#signal = request.signal;
    this.paths = paths;
    const env = pluginEnvironment(request.manifest.id, paths);
    this.process = new PluginProcess({
      file: request.file,
      cwd: paths.dataDir,
      env,
      pipePath: join(request.folder, "out"),
    });
    this.transcript.add("note", `the exam starts ${request.file} as process ${this.process.pid}`);
  }

  /** Where the plugin that is started in this folder has to listen. */
  static socketPath(folder: string): string {
    return join(folder, "s");
  }

  /** Synchronous: whoever starts it has it in hand before anything else can happen. */
  static start(request: StartRequest): RunningPlugin {
    const { folder } = request;
    const paths = {
      socketPath: this.socketPath(folder),
      logPath: join(folder, "plugin.log"),
      dataDir: join(folder, "data"),
    };
    mkdirSync(paths.dataDir, { recursive: true, mode: 0o700 });
    return new RunningPlugin(request, paths);
  }

  /** Waits until the socket listens. The connection that proves it is the next one to be used. */
  async listening(): Promise<void> {
    this.#unused ??= await this.#open();
  }

  /** Opens a connection of version 2, without `init`. */
  async connect(): Promise<V2Connection> {
    await this.listening();
    const socket = this.#unused;
    this.#unused = null;
    if (socket === null) throw new Error("a connection was taken twice");
    const connection = new V2Connection(socket, {
      transcript: () => this.transcript,
      answerKv: (kvRequest, id) => this.answerKv(kvRequest, id),
      limitMs: REPLY_LIMIT_MS,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** Opens a connection of version 2 and does what the host does first. */
  async ready(): Promise<V2Connection> {
    const connection = await this.connect();
    const reply = await this.init(connection, OFFERED_FEATURES);
    if (reply["action"] === "ready") return connection;
    throw new ExamFailure(`init was answered by ${JSON.stringify(reply)}, not by ready`);
  }

  /** Sends `init` and returns the payload of its reply. */
  init(connection: V2Connection, features: readonly string[]): Promise<JsonObject> {
    const payload = {
      action: "init",
      protocol: 2,
      instance_id: INSTANCE_ID,
      plugin_id: this.manifest.id,
      socket_path: this.paths.socketPath,
      log_path: this.paths.logPath,
      data_dir: this.paths.dataDir,
      features,
    };
    return connection.ask("lifecycle", payload, READY_LIMIT_MS);
  }

  /** Version 1: one message on a connection of its own. */
  async tellV1(message: V1Message, how: { bytewise?: boolean } = {}): Promise<V1Outcome> {
    const socket = await this.openV1();
    const perform = (payload: JsonObject) => this.store.performV1(payload);
    return exchangeV1(socket, message, { transcript: this.transcript, perform, limitMs: REPLY_LIMIT_MS, ...how });
  }

  /** A bare connection of version 1. */
  async openV1(): Promise<ByteSocket> {
    const socket = this.#unused ?? (await this.#open());
    this.#unused = null;
    return socket;
  }

  /** Waits for the end of the process; null where it still runs after the limit. */
  async endedWithin(limitMs: number): Promise<{ code: number | null; signal: string | null } | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), limitMs);
    const end = await Promise.race([this.process.exited, promise]);
    clearTimeout(timer);
    return end;
  }

  /** What a person wants to know of the process besides what went wrong; nothing where it is well and silent. */
  async situation(): Promise<string[]> {
    if (this.#connections.some(({ isClosed }) => isClosed)) await this.endedWithin(200); // its end may be what closed it
    const { end } = this.process;
    const how = end === null ? [] : [describeEnd(end)];
    const said = this.process.output.trim().split("\n").slice(-TOLD_LINES);
    const shown = said.map((line) => `  ${shorten(line, TOLD_CHARACTERS)}`).join("\n");
    return shown.trim() === "" ? how : [...how, `it printed last:\n${shown}`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unused?.close();
    for (const connection of this.#connections) connection.close();
    await this.process[Symbol.asyncDispose]();
  }

  async #open(): Promise<ByteSocket> {
    const ended = new AbortController();
    void this.process.exited.then(() => ended.abort());
    const signal = AbortSignal.any([ended.signal, this.#signal, AbortSignal.timeout(SOCKET_LIMIT_MS)]);
    const socket = await ByteSocket.connect(this.paths.socketPath, signal);
    if (socket instanceof ByteSocket) return socket;
    if (this.process.end !== null) throw new ExamFailure("the process ended before anybody could connect");
    const hint = SOCKET_HINTS[socket.lastError] ?? "";
    throw new ExamFailure(
      `nobody listened at TORU_PLUGIN_SOCKET within ${SOCKET_LIMIT_MS / 1000} s (${socket.lastError}${hint})`,
    );
  }
}

const SOCKET_HINTS: Record<string, string> = {
  ENOENT: ": there is no such file",
  ECONNREFUSED: ": the file is there and nobody listens",
};

export function describeEnd({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `the process ended with code ${code ?? "unknown"}` : `the process was ended by ${signal}`;
}
