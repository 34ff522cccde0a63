import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SDK = join(import.meta.dir, "..");
export const ROOT = join(SDK, "../..");
const COMMAND = join(SDK, "command/toru-plugin.mjs");

/** Ends a command of a test that hangs. */
const COMMAND_TIMEOUT_MS = 50_000;

export const RUNTIMES = ["node", "bun"] as const;

/** A folder that holds one runtime and nothing else, to be the whole PATH of a `.binary`. */
export async function pathWith(runtime: (typeof RUNTIMES)[number]): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "toru-path-"));
  await symlink(runtime === "bun" ? process.execPath : (Bun.which("node") ?? ""), join(path, runtime));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** How long a condition may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Waits for a condition; fails with its name where it does not come. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await Bun.sleep(5);
  }
}

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `toru-plugin` on Node, in `folder`. */
export async function toruPlugin(
  folder: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  return run(["node", COMMAND, ...args], folder, { ...process.env, ...env });
}

export async function run(
  command: string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
  timeout = COMMAND_TIMEOUT_MS,
): Promise<CommandResult> {
  const child = Bun.spawn(command, { cwd, env, stdout: "pipe", stderr: "pipe", timeout });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, stderr };
}

/** A project of its own in the temporary folder, in which our package and some others are installed. */
export class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: Record<string, string> = {}): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "toru-project-")));
    await mkdir(join(project.folder, "node_modules/@toru"), { recursive: true });
    await symlink(SDK, join(project.folder, "node_modules/@toru/plugin"));
    for (const name of ["hono", "@types", "undici-types"]) {
      await symlink(join(ROOT, "node_modules", name), join(project.folder, "node_modules", name));
    }
    for (const [name, text] of Object.entries(files)) await project.write(name, text);
    return project;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string): Promise<void> {
    await Bun.write(this.path(name), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
