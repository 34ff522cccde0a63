/** Output of a command that failed is kept up to this, in bytes: the end of it. */
const MAX_OUTPUT_BYTES = 64 * 1024;

export interface CommandResult {
  ok: boolean;
  /** stdout and stderr as they came. */
  output: string;
  tookMs: number;
}

/** Runs a shell command in a process group of its own; the signal ends the whole group. */
export async function runCommand(command: string, folder: string, signal: AbortSignal): Promise<CommandResult> {
  const startedAt = performance.now();
  const child = Bun.spawn(["sh", "-c", `{ ${command}\n} 2>&1`], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    detached: true,
  });
  const end = () => killGroup(child.pid);
  signal.addEventListener("abort", end, { once: true });
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output = (output + decoder.decode(chunk, { stream: true })).slice(-MAX_OUTPUT_BYTES);
  }
  const code = await child.exited;
  signal.removeEventListener("abort", end);
  return { ok: code === 0, output: output.trimEnd(), tookMs: performance.now() - startedAt };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
