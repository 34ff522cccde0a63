import { join } from "node:path";
import { installedPluginSchema, type InstalledPlugin } from "@toru/http-api";
import { ownedProcess } from "./owned-process.ts";
import type { Proxy } from "./proxy.ts";
import { until } from "./until.ts";

const START_LIMIT_MS = 30_000;
const HEALTHY_LIMIT = { limitMs: 60_000, intervalMs: 100 };
const PASSWORD = "only for the benchmark";

/** The host as a person uses it: with its default settings, signed in by a session cookie. */
export class BenchmarkedHost implements Proxy {
  readonly name = "host";
  readonly pid: number;
  readonly url: string;
  readonly cookie: string;

  private constructor(pid: number, url: string, cookie: string) {
    this.pid = pid;
    this.url = url;
    this.cookie = cookie;
  }

  /** `program`: an executable, or a TypeScript file for this Bun. All that the host writes is in `folder`. */
  static async start(
    program: string,
    folder: string,
    parts: AsyncDisposableStack,
    settings: Record<string, string> = {},
  ): Promise<BenchmarkedHost> {
    const command = program.endsWith(".ts") ? [process.execPath, program, "serve"] : [program, "serve"];
    const child = ownedProcess(parts, () =>
      Bun.spawn(command, { env: { ...environment(folder), ...settings }, stdio: ["ignore", "pipe", "inherit"] }),
    );
    const url = await addressIn(child.stdout);
    return new BenchmarkedHost(child.pid, url, await signIn(url));
  }

  fetch(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers: { cookie: this.cookie } });
  }

  async plugin(id: string): Promise<InstalledPlugin | null> {
    const parsed = installedPluginSchema.safeParse(await (await this.fetch(`/api/plugins/${id}`)).json());
    return parsed.success ? parsed.data : null;
  }

  /** Waits until they all run and are healthy. */
  async allHealthy(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await until(
        `plugin ${id} in good health`,
        async () => ((await this.plugin(id))?.health === "healthy" ? true : null),
        HEALTHY_LIMIT,
      );
    }
  }
}

function environment(folder: string): Record<string, string | undefined> {
  const { PATH, HOME, LANG } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    TORU_HOST: "127.0.0.1",
    TORU_PORT: "0",
    TORU_PLUGINS_DIR: join(folder, "plugins"),
    TORU_DATA_DIR: join(folder, "data"),
    TORU_LOG_DIR: join(folder, "logs"),
    TORU_RUN_DIR: join(folder, "run"),
    TORU_ADMIN_PASSWORD: PASSWORD,
  };
}

/** Reads the address that the host prints, and goes on reading, so that it never waits for us. */
async function addressIn(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  void drain(stdout, found.resolve).then((text) =>
    found.reject(new Error(`the host ended before it listened:\n${text}`)),
  );
  const timer = setTimeout(
    () => found.reject(new Error(`the host did not listen within ${START_LIMIT_MS / 1000} s`)),
    START_LIMIT_MS,
  );
  return found.promise.finally(() => clearTimeout(timer));
}

/** Resolves at the end of the host with what it had printed before its address was found. */
async function drain(stdout: ReadableStream<Uint8Array>, onAddress: (url: string) => void): Promise<string> {
  const utf8 = new TextDecoder();
  let text = "";
  let listens = false;
  for await (const part of stdout) {
    if (listens) continue;
    text += utf8.decode(part, { stream: true });
    const url = /listens on (http:\S+)\n/.exec(text)?.[1];
    if (url === undefined) continue;
    listens = true;
    onAddress(url);
  }
  return text;
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ username: "admin", password: PASSWORD }),
  });
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  if (!response.ok || cookie === undefined)
    throw new Error(`the login failed: ${response.status} ${await response.text()}`);
  return cookie;
}
