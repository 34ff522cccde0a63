import { closeSync, fchownSync } from "node:fs";
import { join } from "node:path";
import type { Owner } from "../confine/plan-launch.ts";
import { makePipes } from "./output-pipe.ts";
import { type OutputSource, PluginOutput } from "./plugin-output.ts";
import { ProcessGroup } from "./process-group.ts";

/** After the end of a process its pipes may still deliver what it wrote: until so long nothing came, */
const OUTPUT_IDLE_MS = 250;
/** and so long at most, for a child of it may hold them and go on printing. */
const OUTPUT_DRAIN_MS = 2_000;

export interface SpawnRequest {
  file: string;
  /** What goes before the file. */
  prefix: readonly string[];
  /** Who the process becomes; null where it stays the host's user. */
  owner: Owner | null;
  cwd: string;
  env: Record<string, string>;
  output: OutputSource;
  /** Where the names of the output pipes exist for a moment. */
  runDir: string;
  /** Unique among the processes that run. */
  name: string;
}

export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** One process of a plugin, leader of a process group and a session of its own. */
export class PluginProcess {
  readonly pid: number;
  /** Never rejects. Its output was read, and whatever was left of its group is being killed, when this resolves. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: Bun.Subprocess<"pipe", number, number>;
  readonly #output: PluginOutput;
  readonly #group: ProcessGroup;
  #hasExited = false;

  private constructor(child: Bun.Subprocess<"pipe", number, number>, output: PluginOutput) {
    this.#child = child;
    this.#output = output;
    this.pid = child.pid;
    this.#group = new ProcessGroup(child.pid);
    this.exited = this.#watch();
  }

  /** Throws what the operating system answered where the process cannot be made. */
  static async spawn(request: SpawnRequest): Promise<PluginProcess> {
    const { file, prefix, owner, cwd, env, runDir, name } = request;
    const [out, err] = await makePipes([join(runDir, `.${name}.out`), join(runDir, `.${name}.err`)]);
    if (out === undefined || err === undefined) throw new Error("no pipes for the plugin's output");
    try {
      // It may open /dev/stderr again, by the name.
      if (owner !== null) for (const { writeFd } of [out, err]) fchownSync(writeFd, owner.uid, owner.gid);
      const output = new PluginOutput(request.output, out.readFd, err.readFd); // ends with the last writer, whatever comes of this
      const child = Bun.spawn([...prefix, file], {
        cwd,
        env,
        stdin: "pipe",
        stdout: out.writeFd,
        stderr: err.writeFd,
        detached: true,
      });
      return new PluginProcess(child, output);
    } finally {
      closeSync(out.writeFd);
      closeSync(err.writeFd);
    }
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** In ticks since the start of the machine; null where it was gone at once. */
  get start(): number | null {
    return this.#group.start;
  }

  get lastLines(): string[] {
    return this.#output.lastLines;
  }

  /** Signals the whole group, as long as the process has not ended. */
  signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (!this.#hasExited) this.#group.signal(signal);
  }

  async #watch(): Promise<ProcessExit> {
    await this.#child.exited;
    this.#group.killRest();
    this.#hasExited = true;
    await this.#output.close(OUTPUT_IDLE_MS, OUTPUT_DRAIN_MS);
    void Promise.resolve(this.#child.stdin.end()).catch(() => 0); // the reader is gone: EPIPE says nothing new
    const { exitCode, signalCode } = this.#child;
    return { code: exitCode, signal: typeof signalCode === "number" ? `signal ${String(signalCode)}` : signalCode };
  }
}
