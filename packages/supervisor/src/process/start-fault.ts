import type { Crash } from "@toru/core";
import { constants } from "node:fs";
import { access, open } from "node:fs/promises";

/** Why a process could not be made, with whose fault that is: see `Crash.cause`. */
export class StartFault extends Error {
  override readonly name = "StartFault";

  constructor(
    message: string,
    readonly faultOf: NonNullable<Crash["cause"]>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the machine was short of, by the system's code. It passes. */
const SHORT_OF: Record<string, string> = {
  EAGAIN: "no further process may be made just now",
  EMFILE: "the host has too many files open",
  ENFILE: "the machine has too many files open",
  ENOMEM: "the machine is out of memory",
  ENOSPC: "the disk is full",
};

/** What a disk answers that fails, or that is a server's which is away. */
const DISK_FAILS: ReadonlySet<string> = new Set(["EIO", "ESTALE", "ETIMEDOUT"]);

/** Of an error of a start: the shortage that it is, else the error itself. */
export function shortageOf(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const shortOf = SHORT_OF[code ?? ""];
  if (shortOf === undefined) return error;
  return new StartFault(`the host could not start it (${code}: ${shortOf})`, "host", { cause: message });
}

/** What a first line is looked at for, in bytes; the kernel takes no longer one. */
const FIRST_LINE_BYTES = 256;

/**
 * Throws a StartFault where the interpreter that a script names is not there, with the system's code and what to do. What is wrong
 * with the file itself is the catalog's: it looks at every change of it.
 */
export async function checkInterpreter(path: string, searchPath: string): Promise<void> {
  const refuse = (what: string) => new StartFault(`it cannot be run (${what})`, "file");
  const start = await readStart(path);
  if (!start.startsWith("#!")) return;
  const [interpreter = "", argument = ""] = (start.slice(2).split("\n", 1)[0] ?? "").trim().split(/[ \t]+/);
  const problem = await interpreterProblem(interpreter);
  if (problem !== null) throw refuse(problem);
  const isLookedUp = interpreter.endsWith("/env") && /^[\w.+-]+$/.test(argument) && !argument.startsWith("-");
  if (isLookedUp && Bun.which(argument, { PATH: searchPath }) === null) {
    throw refuse(`ENOENT: its interpreter ${argument} is nowhere on the PATH of the host; install it`);
  }
}

async function interpreterProblem(interpreter: string): Promise<string | null> {
  return access(interpreter, constants.X_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => {
      const { code = "" } = error;
      if (code in SHORT_OF) throw error;
      if (DISK_FAILS.has(code))
        throw new StartFault(`the host could not look at its interpreter ${interpreter} (${code})`, "host");
      if (code === "EACCES") return `EACCES: its interpreter ${interpreter} is not executable`;
      return `${code}: its interpreter ${interpreter} does not exist on this machine; install it, or change the first line`;
    },
  );
}

async function readStart(path: string): Promise<string> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EACCES" || error.code === "ENOENT") return null; // may be run, not read; or was removed just now
    throw error;
  });
  if (file === null) return "";
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(FIRST_LINE_BYTES), 0, FIRST_LINE_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
