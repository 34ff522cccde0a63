import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstalledPlugin, Plugin } from "@toru/http-api";
import { secretsIn, secretsInText } from "./secrets-in.ts";
import { until } from "./until.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const FIXTURES = join(import.meta.dir, "../plugins");
export const ADMIN_PASSWORD = "correct horse battery";

/** The fixture programs; each takes its id and route from the name it is installed under. */
export type Fixture = "v1-strict" | "v1-direct" | "v2" | "streams";

/** Quick enough for a test, slow enough for a busy machine. */
const QUICK: Record<string, string> = {
  TORU_BACKOFF_BASE_MS: "50",
  TORU_HEALTH_INTERVAL_MS: "300",
  TORU_STOP_GRACE_MS: "2000",
};

export interface TestHostOptions {
  env?: Record<string, string>;
  /** Keeps the folders of a host before it: the same data, plugins and logs. */
  folder?: string;
  /** Called before the host starts, with the folder of the plugins. */
  prepare?: (host: TestHost) => Promise<void>;
  /** A built `toru` in place of the source. */
  executable?: string;
  /** Waits for the host to serve; off for hosts that are expected not to start. */
  ready?: boolean;
}

/** A host in a process of its own, with folders, port and sockets of its own, spoken to over HTTP as an admin. */
export class TestHost implements AsyncDisposable {
  readonly folder: string;
  output = "";
  url = "";
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
  #cookie = "";
  /** What no log may hold. */
  readonly #secrets = new Set([ADMIN_PASSWORD]);
  #keepFolder = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(options: TestHostOptions = {}): Promise<TestHost> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "toru-")));
    const host = new TestHost(folder);
    await options.prepare?.(host);
    host.#spawn(options.env ?? {}, options.executable === undefined ? [process.execPath, MAIN] : [options.executable]);
    if (options.ready !== false) {
      host.url = await until("the host serves", () => host.#address());
      await host.signIn();
    }
    return host;
  }

  get pluginsDir(): string {
    return join(this.folder, "plugins");
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  get logDir(): string {
    return join(this.folder, "logs");
  }

  get runDir(): string {
    return join(this.folder, "run");
  }

  /** The session of the signed-in admin, as a `Cookie` header. */
  get cookie(): string {
    return this.#cookie;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Environment of the host and of `toru` commands that are to find it. */
  get environment(): Record<string, string> {
    return {
      PATH: realPythonFirst(),
      HOME: process.env["HOME"] ?? "/",
      TORU_HOST: "127.0.0.1",
      TORU_PORT: "0",
      TORU_PLUGINS_DIR: this.pluginsDir,
      TORU_DATA_DIR: this.dataDir,
      TORU_LOG_DIR: this.logDir,
      TORU_RUN_DIR: this.runDir,
      TORU_ADMIN_PASSWORD: ADMIN_PASSWORD,
    };
  }

  /** Puts a fixture into the plugins folder in one step, so that no half-copied file is ever seen. */
  async install(fixture: Fixture, id: string, behaviour: Record<string, unknown> = {}): Promise<void> {
    await mkdir(this.pluginsDir, { recursive: true });
    await Bun.write(join(this.pluginsDir, `${id}.fixture.json`), JSON.stringify(behaviour));
    const target = join(this.pluginsDir, `${id}.binary`);
    await copyFile(join(FIXTURES, `${fixture}.py`), `${target}.new`);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }

  /** Puts a file with this text into the plugins folder, executable. */
  async installText(name: string, text: string): Promise<void> {
    await mkdir(this.pluginsDir, { recursive: true });
    const target = join(this.pluginsDir, name);
    await Bun.write(`${target}.new`, text);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }

  /** As the signed-in admin, from the panel's own origin. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("cookie")) headers.set("cookie", this.#cookie);
    headers.set("origin", this.url);
    return fetch(this.url + path, { ...init, headers });
  }

  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await this.fetch(path, init)).json() as Promise<T>;
  }

  post(path: string, body?: unknown): Promise<Response> {
    if (body === undefined) return this.fetch(path, { method: "POST" });
    return this.fetch(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }

  async signIn(): Promise<void> {
    const body = JSON.stringify({ username: "admin", password: ADMIN_PASSWORD });
    const headers = { "content-type": "application/json", origin: this.url };
    const response = await fetch(`${this.url}/api/auth/login`, { method: "POST", body, headers });
    if (!response.ok) throw new Error(`sign-in failed: ${response.status} ${await response.text()}`);
    this.#cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    this.keepsSecret(this.#cookie.split("=")[1] ?? "");
  }

  /** A new API token of the admin. */
  async token(scope: "read" | "manage"): Promise<string> {
    const response = await this.post("/api/tokens", { name: "test", scope });
    if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
    const { token } = (await response.json()) as { token: string };
    this.keepsSecret(token);
    return token;
  }

  /** At the end no log of the host may hold it. */
  keepsSecret(secret: string): void {
    if (secret !== "") this.#secrets.add(secret);
  }

  plugins(): Promise<Plugin[]> {
    return this.json<Plugin[]>("/api/plugins");
  }

  /** The installed plugin of this id; null where there is none, or only an invalid file. */
  async plugin(id: string): Promise<InstalledPlugin | null> {
    const found = (await this.plugins()).find((plugin) => plugin.id === id);
    return found === undefined || found.status === "invalid" ? null : found;
  }

  /** Waits until the plugin is in this state, and returns it. */
  async reaches(id: string, status: InstalledPlugin["status"], health?: string): Promise<InstalledPlugin> {
    return until(`${id} is ${status} ${health ?? ""}`, async () => {
      const plugin = await this.plugin(id);
      return plugin?.status === status && (health === undefined || plugin.health === health) ? plugin : null;
    });
  }

  /** Waits until the file is listed as invalid, and returns the reason. */
  async invalid(file: string): Promise<string> {
    return until(`${file} is listed as invalid`, async () => {
      const found = (await this.plugins()).find((plugin) => plugin.file === file);
      return found?.status === "invalid" ? found.reason : null;
    });
  }

  /** The entries of a log file, relative to the log folder; rotated files are not read. */
  async log(name: string): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(this.logDir, name), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The processes of this host's plugins, by the mark in their environment. */
  async processes(): Promise<number[]> {
    const instance = await readFile(join(this.dataDir, "instance-id"), "utf8").catch(() => "");
    if (instance === "") return [];
    const mark = `TORU_INSTANCE_ID=${instance.trim()}`;
    const found: number[] = [];
    for (const entry of await readdir("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const environment = await readFile(`/proc/${entry}/environ`, "latin1").catch(() => "");
      if (environment.split("\0").includes(mark)) found.push(Number(entry));
    }
    return found;
  }

  /** Runs a `toru` command that finds this host. */
  async command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = Bun.spawn([process.execPath, MAIN, ...args], {
      env: this.environment,
      stdout: "pipe",
      stderr: "pipe",
      stdin: "ignore",
    });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { code: await child.exited, stdout, stderr };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** The exit code, once the process has ended; null where a signal ended it. */
  async exited(): Promise<number | null> {
    await this.#child?.exited;
    return this.#child?.exitCode ?? null;
  }

  /** SIGTERM, and the exit code. */
  async stop(): Promise<number | null> {
    if (!this.hasExited) this.signal("SIGTERM");
    return this.exited();
  }

  /** Starts a host again on the same folders. The one before must have ended. */
  again(env: Record<string, string> = {}): Promise<TestHost> {
    this.#keepFolder = true;
    return TestHost.start({ folder: this.folder, env });
  }

  /** Ends the host; a process that it left behind is killed and fails the test, and so does a secret in a log. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#keepFolder) return;
    const told = [...(await secretsIn(this.logDir, this.#secrets)), ...secretsInText(this.output, this.#secrets)];
    const left = await this.processes();
    for (const pid of left) process.kill(pid, "SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
    if (told.length > 0) throw new Error(`secrets are in the logs: ${told.join("; ")}`);
    if (left.length > 0) throw new Error(`the host left processes behind: ${left.join(", ")}\n${this.output}`);
  }

  #spawn(env: Record<string, string>, command: string[]): void {
    const child = Bun.spawn([...command, "serve"], {
      env: { ...this.environment, ...QUICK, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) void this.#collect(stream);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.output += decoder.decode(chunk, { stream: true });
  }

  #address(): string | null {
    if (this.hasExited) throw new Error(`the host ended before it served:\n${this.output}`);
    return /listens on (http:\S+)/.exec(this.output)?.[1] ?? null;
  }
}

/** A version manager's wrapper script in front of python3 would cost every start of a fixture a tenth of a second. */
function realPythonFirst(): string {
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  return ["/usr/local/bin", "/usr/bin", "/bin", path].join(":");
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
