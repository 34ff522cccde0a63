import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "./project-file.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

export interface BuildFailure extends CommandResult {
  command: string;
}

/** What has to be there before the first build. Null where all went well. */
export async function setUpProject(
  folder: string,
  { setup }: Project,
  signal: AbortSignal,
  tell: (command: string) => void,
): Promise<BuildFailure | null> {
  for (const { run, creates } of setup) {
    const isThere = await stat(join(folder, creates)).catch(() => null);
    if (isThere !== null) continue;
    tell(run);
    const result = await runCommand(run, folder, signal);
    if (!result.ok) return { ...result, command: run };
  }
  return null;
}

/** Runs the steps from the first one that watches one of `changed`; all of them where that is null. Null where all went well. */
export async function buildProject(
  folder: string,
  { steps }: Project,
  changed: readonly string[] | null,
  signal: AbortSignal,
): Promise<BuildFailure | null> {
  const first = changed === null ? 0 : steps.findIndex(({ watch }) => watch.some((path) => changed.includes(path)));
  for (const { run } of steps.slice(Math.max(0, first))) {
    const result = await runCommand(run, folder, signal);
    if (!result.ok) return { ...result, command: run };
    if (signal.aborted) return null;
  }
  return null;
}
