import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { readAuthorKit } from "../authoring/author-kit.ts";
import type { Language, PageKind } from "../authoring/language.ts";
import { planProject } from "../authoring/plan-project.ts";
import { CliError } from "./cli-error.ts";

/** Makes the folder `path` with a project that builds; its last part is the plugin's name. */
export async function newProject(path: string, language: Language, page: PageKind | null): Promise<void> {
  const folder = resolve(path);
  const files = planProject(await readAuthorKit(), { name: basename(folder), language, page });
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new CliError(`${folder} cannot be used: ${error.message}`, { cause: error });
  });
  if (there.length > 0) throw new CliError(`${folder} is not empty; choose another name, or empty it first`);
  for (const [name, text] of files) {
    const target = join(folder, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  const below = relative(process.cwd(), folder);
  const place = below === "" ? "." : below.startsWith("..") ? folder : below;
  console.log(`Made ${place}: a plugin in ${language}${page === null ? "" : `, with a page (${page})`}.

  cd ${place}
  toru dev        # builds it, installs it, and follows every save
  cat README.md   # the rest: test, install, what is where`);
}
