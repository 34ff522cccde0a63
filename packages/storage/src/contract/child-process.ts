import { join } from "node:path";

/** A script of `children/` as a real process, with its output line by line. Disposing it kills it. */
export interface ChildProcess extends AsyncDisposable {
  /** The next line; null at the end of the output. */
  nextLine(): Promise<string | null>;
  /** Writes one line to its stdin. */
  send(line: string): Promise<void>;
  kill(): void;
  readonly exited: Promise<number>;
}

export function startChild(script: string, args: string[]): ChildProcess {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "children", script), ...args], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = readLines(child.stdout);
  return {
    exited: child.exited,
    async nextLine() {
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    async send(line) {
      await child.stdin.write(`${line}\n`);
      await child.stdin.flush();
    },
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** Only lines with their end: a torn last one was not acknowledged. */
async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
