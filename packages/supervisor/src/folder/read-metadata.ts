import { MAX_METADATA_BYTES, parseManifest, type ManifestResult } from "@toru/core";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessGroup } from "../process/process-group.ts";
import { shortageOf, StartFault } from "../process/start-fault.ts";

/** A file that is still open for writing cannot be executed; how often and how long to wait for its writer. */
const BUSY_FILE_ATTEMPTS = 10;
const BUSY_FILE_WAIT_MS = 100;
/** How long the pipes may still deliver after the end of the process. */
const DRAIN_MS = 250;
/** What of its complaints on stderr goes into the reason, in characters. */
const MAX_COMPLAINT = 500;

export interface MetadataRun {
  path: string;
  /** What goes before it. */
  prefix: readonly string[];
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  /** Told the process that was made for it. */
  onSpawn: (pid: number) => void;
}

/**
 * `mayPass`: what was in the way may go without a change of the file, so it is to be read again. `soon`: the file is open for writing,
 * or the machine is short of something. `later`: it did not end in time, and the machine may have been too busy.
 */
export type MetadataResult = ManifestResult & { mayPass?: "soon" | "later" };

/** Runs `FILE --metadata` and reads what it prints, within its bounds of time and size. */
export async function readMetadata(run: MetadataRun): Promise<MetadataResult> {
  const child = await start(run);
  if ("reason" in child) return { ok: false, id: null, ...child };
  run.onSpawn(child.pid);
  const group = new ProcessGroup(child.pid);
  const ended: { why: Failure | null } = { why: null };
  const end = (why: Failure) => {
    ended.why ??= why;
    group.signal("SIGKILL");
  };
  const late: Failure = { reason: `--metadata did not end within ${run.timeoutMs / 1000} s`, mayPass: "later" };
  const timer = setTimeout(() => end(late), run.timeoutMs);
  const tooMuch = () => end({ reason: `--metadata printed more than ${MAX_METADATA_BYTES / 1024} KiB` });
  try {
    const exited = child.exited.then((code) => {
      clearTimeout(timer); // it ended in time, whatever still comes out of its pipes
      group.killRest(); // what it forked must not hold the pipes open; what left the group gets a moment
      return Bun.sleep(DRAIN_MS).then(() => code);
    });
    const [text, complaints] = await Promise.all([
      collect(child.stdout, exited, tooMuch),
      collect(child.stderr, exited, tooMuch),
    ]);
    const code = await child.exited;
    if (ended.why !== null) return { ok: false, id: null, ...ended.why };
    if (code === 0) return parseManifest(text);
    const how = child.signalCode === null ? `exited with code ${code}` : `was killed by ${child.signalCode}`;
    const said = complaints.trim() === "" ? "" : `: ${complaints.trim().slice(-MAX_COMPLAINT)}`;
    return { ok: false, id: null, reason: `--metadata ${how}${said}` };
  } finally {
    clearTimeout(timer);
  }
}

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;
type Failure = { reason: string; mayPass?: "soon" | "later" };

async function start({ path, prefix, cwd, env }: MetadataRun): Promise<Child | Failure> {
  for (let attempt = 1; ; attempt++) {
    try {
      return Bun.spawn([...prefix, path, "--metadata"], {
        cwd,
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        detached: true,
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ETXTBSY" && attempt < BUSY_FILE_ATTEMPTS) {
        await sleep(BUSY_FILE_WAIT_MS);
        continue;
      }
      const shortage = shortageOf(error);
      if (shortage instanceof StartFault) return { reason: shortage.message, mayPass: "soon" };
      const reason = `it cannot be started (${code ?? message})${START_HINTS[code ?? ""] ?? ""}`;
      return code === "ETXTBSY" ? { reason, mayPass: "soon" } : { reason };
    }
  }
}

const START_HINTS: Record<string, string> = {
  ENOENT: ": the interpreter that its first line names does not exist on this machine",
  ENOEXEC: ": it is neither a program for this machine nor a script with a #! line",
  EACCES: ": permission denied; run chmod +x on it",
  ETXTBSY: ": it is still open for writing",
};

/** The text of a stream until it ends or `until` resolves; where it is too much, calls `tooMuch` and stops. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  until: Promise<unknown>,
  tooMuch: () => void,
): Promise<string> {
  const reader = stream.getReader();
  void until.then(() => reader.cancel());
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > MAX_METADATA_BYTES) {
      tooMuch();
      break;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks).toString("utf8");
}
