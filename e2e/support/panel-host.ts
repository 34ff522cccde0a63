import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstalledPlugin, Plugin } from "@toru/http-api";
import { expect } from "@playwright/test";

const ROOT = join(import.meta.dirname, "../..");
export const EXECUTABLE = join(ROOT, "dist/toru");
const FIXTURES = join(ROOT, "packages/server/tests/plugins");

export const ADMIN_PASSWORD = "correct horse battery";

/** The programs of packages/server/tests/plugins: their own text says what `behaviour` may hold. */
export type Fixture = "v1-strict" | "v1-direct" | "v2";

export interface PanelHostOptions {
  env?: Record<string, string>;
  /** Called before the host starts. */
  prepare?: (host: PanelHost) => Promise<void>;
  /** False: the host prints the one-time link instead. */
  hasAdmin?: boolean;
}

/** The database of a host whose admin has signed in, and the cookie: hashing the password anew costs as much as a start. */
interface SignedIn {
  database: Buffer;
  cookie: string;
}

let signedIn: Promise<SignedIn> | null = null;

/** The built executable in a process of its own, with folders, port and sockets of its own. */
export class PanelHost {
  readonly folder: string;
  readonly pluginsDir: string;
  readonly dataDir: string;
  readonly logDir: string;
  output = "";
  url = "";
  cookie = "";
  #child: ChildProcess | null = null;
  #environment: NodeJS.ProcessEnv = {};

  private constructor(folder: string) {
    this.folder = folder;
    this.pluginsDir = join(folder, "plugins");
    this.dataDir = join(folder, "data");
    this.logDir = join(folder, "logs");
  }

  static async start({ env = {}, prepare, hasAdmin = true }: PanelHostOptions = {}): Promise<PanelHost> {
    const host = await PanelHost.#inFolder();
    if (hasAdmin) await host.#useSession(await (signedIn ??= PanelHost.#signedIn()));
    await prepare?.(host);
    await host.#start(env);
    return host;
  }

  static async #inFolder(): Promise<PanelHost> {
    const host = new PanelHost(await mkdtemp(join(tmpdir(), "toru-e2e-")));
    await mkdir(host.pluginsDir);
    return host;
  }

  static async #signedIn(): Promise<SignedIn> {
    const host = await PanelHost.#inFolder();
    await host.#start({ TORU_ADMIN_PASSWORD: ADMIN_PASSWORD });
    await host.signIn();
    await host.stop();
    const database = await readFile(host.#database);
    await host.dispose();
    return { database, cookie: host.cookie };
  }

  async #useSession({ database, cookie }: SignedIn): Promise<void> {
    await mkdir(this.dataDir, { mode: 0o700 });
    await writeFile(this.#database, database, { mode: 0o600 });
    this.cookie = cookie;
  }

  get #database(): string {
    return join(this.dataDir, "toru.db");
  }

  async #start(env: Record<string, string>): Promise<void> {
    this.#environment = {
      // A version manager's wrapper in front of python3 would slow every start of a plugin.
      PATH: `/usr/local/bin:/usr/bin:/bin:${process.env["PATH"] ?? ""}`,
      HOME: process.env["HOME"] ?? "/",
      // Else the executable starts itself once more to set it (cli/small-heap.ts).
      BUN_JSC_forceRAMSize: String(256 * 1024 * 1024),
      TORU_PORT: "0",
      TORU_PLUGINS_DIR: this.pluginsDir,
      TORU_DATA_DIR: this.dataDir,
      TORU_LOG_DIR: this.logDir,
      TORU_RUN_DIR: join(this.folder, "run"),
      ...env,
    };
    await this.launch();
  }

  /** Starts the executable, again on the port it had where it ran before. */
  async launch(): Promise<void> {
    if (this.url !== "") this.#environment["TORU_PORT"] = new URL(this.url).port;
    this.output = "";
    const child = spawn(EXECUTABLE, ["serve"], { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.output += String(text)));
    await expect(() => {
      if (child.exitCode !== null) throw new Error(`the host ended:\n${this.output}`);
      expect(this.output).toContain("Plugins:");
    }).toPass({ timeout: 20_000, intervals: [25] });
    this.url = /listens on (http:\S+)/.exec(this.output)?.[1] ?? "";
  }

  /** For `toru` commands that are to find this host. */
  get environment(): NodeJS.ProcessEnv {
    return this.#environment;
  }

  /** The one-time link of a host that has no admin. */
  get setupUrl(): string {
    return /http:\S+\/setup\?token=\S+/.exec(this.output)?.[0] ?? "";
  }

  /** Puts a fixture into the plugins folder in one step. It takes its id and route from the name. */
  async install(fixture: Fixture, id: string, config: Record<string, unknown> = {}): Promise<void> {
    await writeFile(join(this.pluginsDir, `${id}.fixture.json`), JSON.stringify(config));
    const target = join(this.pluginsDir, `${id}.binary`);
    await copyFile(join(FIXTURES, `${fixture}.py`), `${target}.new`);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }

  /** The page of a plugin as a file beside it. */
  async installBundle(id: string, script: string): Promise<void> {
    await mkdir(join(this.pluginsDir, id), { recursive: true });
    await writeFile(join(this.pluginsDir, id, "bundle.js"), script);
  }

  async installText(name: string, text: string): Promise<void> {
    const target = join(this.pluginsDir, name);
    await writeFile(`${target}.new`, text);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }

  async signIn(): Promise<void> {
    const response = await this.fetch("/api/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
    });
    if (!response.ok) throw new Error(`sign-in failed: ${response.status} ${await response.text()}`);
    this.cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  }

  /** As the signed-in admin, from the panel's own origin. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("origin", this.url);
    if (this.cookie !== "") headers.set("cookie", this.cookie);
    return fetch(this.url + path, { ...init, headers });
  }

  async json<T>(path: string): Promise<T> {
    return (await this.fetch(path)).json() as Promise<T>;
  }

  async post(path: string, body: unknown = {}): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return this.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async plugin(id: string): Promise<InstalledPlugin> {
    const plugins = await this.json<Plugin[]>("/api/plugins");
    const found = plugins.find((plugin): plugin is InstalledPlugin => plugin.id === id && plugin.status !== "invalid");
    if (found === undefined) throw new Error(`no plugin ${id}`);
    return found;
  }

  /** Waits until the plugin is in this state, and returns it. */
  async reaches(id: string, status: InstalledPlugin["status"]): Promise<InstalledPlugin> {
    await expect.poll(async () => (await this.plugin(id).catch(() => null))?.status, { timeout: 20_000 }).toBe(status);
    return this.plugin(id);
  }

  /** Kills the plugin's process as the kernel would, and returns its pid. */
  async kill(id: string, signal: NodeJS.Signals = "SIGKILL"): Promise<number> {
    const { pid } = await this.plugin(id);
    if (pid === null) throw new Error(`${id} does not run`);
    process.kill(pid, signal);
    return pid;
  }

  /** Ends the host. Its folders stay until `dispose`. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
