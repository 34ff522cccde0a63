import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Those that limits are kept by. */
const CONTROLLERS = ["memory", "pids", "cpu"] as const;
/** A cgroup whose processes were killed is busy until they are collected; how often and how long to wait for that. */
const REMOVE_ATTEMPTS = 20;
const REMOVE_WAIT_MS = 25;

/**
 * The cgroups (version 2) of one host's plugins, a folder each. What a process starts is in its cgroup whatever it does to its
 * session, group or environment: so all of it can be killed.
 */
export class Cgroups implements AsyncDisposable {
  readonly controllers: ReadonlySet<string>;
  readonly #base: string;

  private constructor(base: string, controllers: ReadonlySet<string>) {
    this.#base = base;
    this.controllers = controllers;
  }

  /** Null where the machine has none, or lets the host make none. Kills what an earlier run of the host left in them. */
  static async open(instanceId: string): Promise<Cgroups | null> {
    let found: Cgroups | null = null;
    for (const parent of await candidates()) {
      const base = join(parent, `toru-${instanceId}`);
      await clear(base);
      const controllers = await makeBase(parent, base);
      if (controllers === null) continue;
      if (found !== null) await found[Symbol.asyncDispose]();
      found = new Cgroups(base, controllers);
      if (controllers.has("memory")) break;
    }
    return found;
  }

  /** Makes it, with these values in its files. */
  async make(pluginId: string, values: Record<string, string>): Promise<Cgroup> {
    const path = join(this.#base, pluginId);
    await mkdir(path, { recursive: true });
    for (const [file, value] of Object.entries(values)) await writeFile(join(path, file), value);
    return new Cgroup(path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return clear(this.#base);
  }
}

export class Cgroup {
  constructor(readonly path: string) {}

  get procsFile(): string {
    return join(this.path, "cgroup.procs");
  }

  /** Every process in it, and those that they are making just now. Does nothing on a Linux older than 5.14. */
  async kill(): Promise<void> {
    await writeFile(join(this.path, "cgroup.kill"), "1", { flag: "r+" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }

  /** How many of its processes the kernel has killed for want of memory; null where nobody counts. */
  async outOfMemoryKills(): Promise<number | null> {
    const text = await readFile(join(this.path, "memory.events"), "utf8").catch(() => ""); // no controller
    const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
    return count === undefined ? null : Number(count);
  }
}

/** The host's own cgroup, and the machine's: a cgroup that holds processes can give its children no controllers. */
async function candidates(): Promise<string[]> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const mount = mounts
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "))
    ?.split(" ")[4];
  const own = /^0::(.*)$/m.exec(await readFile("/proc/self/cgroup", "utf8").catch(() => ""))?.[1];
  if (mount === undefined || own === undefined) return [];
  return [...new Set([join(mount, own, "."), join(mount, ".")])];
}

/** The controllers that children of the base have; null where it cannot be made. */
async function makeBase(parent: string, base: string): Promise<ReadonlySet<string> | null> {
  try {
    await mkdir(base, { recursive: true });
  } catch {
    return null; // read-only, or another user's
  }
  for (const folder of [parent, base]) {
    for (const controller of CONTROLLERS) {
      // Not there, or the folder holds processes: what came of it is read afterwards.
      await writeFile(join(folder, "cgroup.subtree_control"), `+${controller}`).catch(() => undefined);
    }
  }
  const enabled = await readFile(join(base, "cgroup.subtree_control"), "utf8").catch(() => "");
  return new Set(enabled.trim().split(" ").filter(Boolean));
}

async function clear(base: string): Promise<void> {
  const names = await readdir(base, { withFileTypes: true }).catch(() => []);
  const children = names.filter((entry) => entry.isDirectory()).map(({ name }) => join(base, name));
  for (const child of children) await new Cgroup(child).kill();
  for (const folder of [...children, base]) await remove(folder);
}

/** What cannot be removed is empty, and used again at the next start. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
    const code = await rmdir(folder).then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code !== "EBUSY") return;
    await sleep(REMOVE_WAIT_MS);
  }
}
