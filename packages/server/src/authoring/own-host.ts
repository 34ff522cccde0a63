import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../cli/cli-error.ts";
import { ControlClient } from "../cli/control-client.ts";
import { ownCommand } from "../cli/own-command.ts";

/** How long a host may take to answer after its start, in milliseconds. */
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
/** How long a host may take to stop its plugins and end, in milliseconds. */
const STOP_TIMEOUT_MS = 15_000;

/** A host of the project's own, in its folder `.toru`, for who has none running. */
export class OwnHost implements AsyncDisposable {
  readonly client: ControlClient;
  readonly #child: Bun.Subprocess;
  readonly #runDir: string;

  private constructor(client: ControlClient, child: Bun.Subprocess, runDir: string) {
    this.client = client;
    this.#child = child;
    this.#runDir = runDir;
  }

  /** What it prints goes to the terminal: its address, and on the first start the link that creates the admin. */
  static async start(folder: string, port: string): Promise<OwnHost> {
    const home = join(folder, ".toru");
    await mkdir(join(home, "plugins"), { recursive: true });
    await writeFile(join(home, ".gitignore"), "*\n");
    const runDir = await mkdtemp(join(tmpdir(), "toru-dev-")); // a project's path may be too long for sockets
    const child = Bun.spawn([...ownCommand(), "serve"], {
      env: {
        ...process.env,
        TORU_PORT: port,
        TORU_PLUGINS_DIR: join(home, "plugins"),
        TORU_DATA_DIR: join(home, "data"),
        TORU_LOG_DIR: join(home, "logs"),
        TORU_RUN_DIR: runDir,
      },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      detached: true, // Ctrl-C is ours: the host is stopped in order, after the lease was given back
    });
    const host = new OwnHost(new ControlClient(runDir), child, runDir);
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(host.client))) {
      if (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
        await Bun.sleep(POLL_MS);
        continue;
      }
      await host[Symbol.asyncDispose]();
      throw new CliError(
        "the project's own host did not start; its words are above. Another port: toru dev --port 3001",
      );
    }
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const ended = await Promise.race([this.#child.exited, Bun.sleep(STOP_TIMEOUT_MS)]);
    if (ended === undefined) this.#child.kill("SIGKILL"); // the kernel kills the plugins with it
    await rm(this.#runDir, { recursive: true, force: true });
  }
}

export function answers(client: ControlClient): Promise<boolean> {
  return client.json("GET", "/healthz").then(
    () => true,
    () => false,
  );
}
