import { join } from "node:path";
import type { TestHost } from "./test-host.ts";
import { until } from "./until.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** A `toru` command that runs beside the test; killed when it is disposed. */
export class RunningCommand implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #read: Promise<unknown>;

  /** `env` comes over the environment of the host. */
  constructor(host: TestHost, args: string[], env: Record<string, string> = {}) {
    this.#child = Bun.spawn([process.execPath, MAIN, ...args], {
      env: { ...host.environment, ...env },
      cwd: host.folder,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#read = Promise.all([
      this.#collect(this.#child.stdout, (text) => (this.stdout += text)),
      this.#collect(this.#child.stderr, (text) => (this.stderr += text)),
    ]);
  }

  /** The lines of stdout that have come so far and are whole. */
  get lines(): string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  /** Waits for text on stdout. */
  says(text: string): Promise<unknown> {
    return until(`the command says ${JSON.stringify(text)}`, () => {
      if (this.stdout.includes(text)) return true;
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      return false;
    });
  }

  async input(text: string): Promise<void> {
    await this.#child.stdin.write(text);
    await this.#child.stdin.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, once it has ended and all its output was read. */
  async exited(): Promise<number> {
    const code = await this.#child.exited;
    await this.#read;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited();
  }

  async #collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
  }
}
