import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../cli/cli-error.ts";

export const PROJECT_FILE = "toru.json";

const commandSchema = z.string().min(1).meta({ description: "A shell command, run in the project's folder" });

/** How `toru dev` builds a project, in whatever language it is written. Paths are relative to the project's folder. */
export const projectSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "must be the id of the manifest"),
  setup: z
    .array(z.strictObject({ run: commandSchema, creates: z.string().min(1) }))
    .default([])
    .meta({ description: "Run once, where what it creates is not there" }),
  steps: z
    .array(z.strictObject({ run: commandSchema, watch: z.array(z.string().min(1)).min(1) }))
    .min(1)
    .meta({ description: "In order; a change starts with the first step that watches what changed" }),
  output: z.string().min(1).meta({ description: "The executable that the last step makes" }),
});

export type Project = z.infer<typeof projectSchema>;

export async function readProject(folder: string): Promise<Project> {
  const path = join(folder, PROJECT_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const hint = "Go into the folder of a plugin's project, or make one with: toru new";
    throw new CliError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). ${hint}`, {
      cause,
    });
  }
  const parsed = projectSchema.safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw new CliError(`${path} is no valid project file:\n${z.prettifyError(parsed.error)}`);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema says what was expected
  }
}
