import { closeSync } from "node:fs";
import { openPipe } from "./output-pipe.ts";

/** Bytes of output that are kept, the newest ones. */
const KEPT_OUTPUT_BYTES = 64 * 1024;
/** How long output may still come after the end of the process: a child of it may hold the pipe. */
const OUTPUT_DRAIN_MS = 250;
/** From SIGKILL to the end: the kernel may hold a process that waits for a dead disk. */
const KILL_LIMIT_MS = 5_000;

export interface SpawnRequest {
  file: string;
  cwd: string;
  env: Record<string, string>;
  /** Where the pipe of its output exists for a moment. Unique. */
  pipePath: string;
}

export interface ProcessEnd {
  code: number | null;
  signal: string | null;
}

/** One process of the plugin, leader of its own process group, started as the host starts it. */
export class PluginProcess implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended and nobody of its group is left. Never rejects. */
  readonly exited: Promise<ProcessEnd>;
  readonly #child: Bun.Subprocess<"pipe", number, number>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #output = Buffer.alloc(0);
  #longestLine = 0;
  #line = 0;
  #end: ProcessEnd | null = null;

  /** Throws what the operating system answered where the process cannot be made. */
  constructor({ file, cwd, env, pipePath }: SpawnRequest) {
    const { readFd, writeFd } = openPipe(pipePath);
    try {
      this.#child = Bun.spawn([...parentDeathPrefix(), file], {
        cwd,
        env,
        stdin: "pipe",
        stdout: writeFd,
        stderr: writeFd,
        detached: true,
      });
    } catch (error) {
      closeSync(readFd);
      throw error;
    } finally {
      closeSync(writeFd);
    }
    this.pid = this.#child.pid;
    this.#reader = (Bun.file(readFd).stream() as ReadableStream<Uint8Array>).getReader();
    const read = this.#read().finally(() => closeSync(readFd));
    this.exited = this.#watch(read);
  }

  /** Null while it runs. */
  get end(): ProcessEnd | null {
    return this.#end;
  }

  /** The newest of what it printed, stdout and stderr together. */
  get output(): string {
    return this.#output.toString();
  }

  /** Of all lines that it printed, in bytes. */
  get longestLineBytes(): number {
    return Math.max(this.#longestLine, this.#line);
  }

  /** Signals the whole group; nothing happens once the process has ended. */
  signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#end === null) killGroup(this.pid, signal);
  }

  /** End of file on its stdin: for the plugin, the host is gone. */
  endStdin(): void {
    void Promise.resolve(this.#child.stdin.end()).catch(() => 0); // a reader that is gone says nothing new
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await Promise.race([this.exited, Bun.sleep(KILL_LIMIT_MS)]);
  }

  async #watch(read: Promise<void>): Promise<ProcessEnd> {
    await this.#child.exited;
    killGroup(this.pid, "SIGKILL"); // whoever is left of the group; its number is reserved while there is somebody
    const { exitCode, signalCode } = this.#child;
    const end = { code: exitCode, signal: signalCode === null ? null : String(signalCode) };
    this.#end = end;
    await Promise.race([read, Bun.sleep(OUTPUT_DRAIN_MS)]);
    await Promise.race([this.#reader.cancel().catch(() => 0), Bun.sleep(OUTPUT_DRAIN_MS)]);
    this.endStdin();
    return end;
  }

  async #read(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read().catch(() => ({ value: undefined, done: true }) as const);
      if (done) return;
      for (const byte of value) {
        this.#line = byte === 0x0a ? 0 : this.#line + 1;
        this.#longestLine = Math.max(this.#longestLine, this.#line);
      }
      this.#output = Buffer.concat([this.#output, value]).subarray(-KEPT_OUTPUT_BYTES);
    }
  }
}

/** Signals a process group. That nobody is left in it is no error. */
export function killGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

let prefix: string[] | null = null;

/** Has the kernel end the plugin with us, where the machine has util-linux's `setpriv`. The process number stays. */
function parentDeathPrefix(): string[] {
  if (prefix !== null) return prefix;
  const setpriv = Bun.which("setpriv");
  const command = setpriv === null ? [] : [setpriv, "--pdeathsig", "KILL", "--"];
  prefix = setpriv !== null && Bun.spawnSync([...command, "true"]).exitCode === 0 ? command : [];
  return prefix;
}
