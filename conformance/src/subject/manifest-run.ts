import { metadataEnvironment } from "./environment.ts";
import { killGroup } from "./plugin-process.ts";

/** How long `--metadata` may take. */
export const METADATA_LIMIT_MS = 5_000;
/** Largest output of `--metadata`, in bytes. */
export const MAX_METADATA_BYTES = 256 * 1024;
/** A file that is still open for writing cannot be executed: how often to try, and how long to wait in between. */
const BUSY_FILE_ATTEMPTS = 10;
const BUSY_FILE_WAIT_MS = 100;
/** How long the pipes may still deliver after the end of the process. */
const DRAIN_MS = 250;

/** What `FILE --metadata` did. */
export interface ManifestRun {
  /** Null where it was ended, by us at the limit or by a signal. */
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** What it printed, one byte over the limit at most. */
  stdout: Uint8Array;
  stderr: string;
}

/**
 * Runs `FILE --metadata` as the host does. It is ended at the limits of time and size, and when the signal is aborted.
 * Throws what the system answered where the file cannot be started.
 */
export async function runMetadata(file: string, cwd: string, signal: AbortSignal): Promise<ManifestRun> {
  const child = await start(file, cwd);
  const end = () => killGroup(child.pid, "SIGKILL");
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, METADATA_LIMIT_MS);
  signal.addEventListener("abort", end);
  const drained = child.exited.then(() => {
    end(); // whom it forked must not hold the pipes
    return Bun.sleep(DRAIN_MS);
  });
  try {
    const [stdout, stderr] = await Promise.all([
      collect(child.stdout, drained, end),
      collect(child.stderr, drained, end),
    ]);
    await child.exited;
    const ended = child.signalCode === null ? null : String(child.signalCode);
    return { code: child.exitCode, signal: ended, timedOut, stdout, stderr: Buffer.from(stderr).toString() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

async function start(file: string, cwd: string): Promise<Child> {
  for (let attempt = 1; ; attempt++) {
    try {
      const env = metadataEnvironment();
      return Bun.spawn([file, "--metadata"], {
        cwd,
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        detached: true,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ETXTBSY" || attempt === BUSY_FILE_ATTEMPTS) throw error;
      await Bun.sleep(BUSY_FILE_WAIT_MS);
    }
  }
}

/** Reads until the end, until `drained`, or until it is more than allowed, which calls `tooMuch`. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  drained: Promise<unknown>,
  tooMuch: () => void,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const over = drained.then(() => null);
  while (bytes <= MAX_METADATA_BYTES) {
    const read = await Promise.race([reader.read(), over]);
    if (read === null || read.done) break;
    parts.push(read.value);
    bytes += read.value.length;
  }
  if (bytes > MAX_METADATA_BYTES) tooMuch();
  void reader.cancel();
  return Buffer.concat(parts, bytes).subarray(0, MAX_METADATA_BYTES + 1);
}
