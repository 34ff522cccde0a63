import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Each secret that a file below the folder holds, with the file's name. */
export async function secretsIn(folder: string, secrets: ReadonlySet<string>): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
    for (const secret of secrets) if (content.includes(secret)) found.push(`${entry.name}: ${secret}`);
  }
  return found;
}

export function secretsInText(text: string, secrets: ReadonlySet<string>): string[] {
  return [...secrets].filter((secret) => text.includes(secret)).map((secret) => `output: ${secret}`);
}
