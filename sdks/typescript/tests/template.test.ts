import { expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT, run } from "./built-plugin.fixture.ts";

const SDKS = join(ROOT, "sdks");
/** npm asks a registry. */
const TIMEOUT_MS = 300_000;

type Page = "react" | "plain" | null;

/** What `toru new my-plugin --lang typescript` does. */
async function instantiate(folder: string, page: Page): Promise<void> {
  await fill(join(SDKS, "typescript/template"), folder, page);
  await copySdk(join(SDKS, "typescript"), join(folder, "vendor/toru-plugin"));
  if (page !== null) await fill(join(SDKS, `page/template-${page}`), join(folder, "page"), page);
  if (page === "react") await copySdk(join(SDKS, "page"), join(folder, "vendor/toru-page"));
}

async function fill(template: string, folder: string, page: Page): Promise<void> {
  const tokens: Record<string, string> = {
    "{{id}}": "my-plugin",
    "{{title}}": "My plugin",
    "{{ident}}": "my_plugin",
    "{{bundle}}": page === "react" ? "page/dist/bundle.js" : "page/bundle.js",
  };
  const block = /^[^\n]*\{\{#(page|react)\}\}[^\n]*\n([\s\S]*?)^[^\n]*\{\{\/\1\}\}[^\n]*\n/gm;
  const isWanted = (mark: string) => (mark === "react" ? page === "react" : page !== null);
  for (const entry of await readdir(template, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    expect(source).toEndWith(".tmpl");
    const name = source.slice(template.length + 1, -".tmpl".length).replace(/(^|\/)_(?=[^/]*$)/, "$1.");
    const given = await readFile(source, "utf8");
    const text = given.replace(block, (_, mark: string, inner: string) => (isWanted(mark) ? inner : ""));
    const target = join(folder, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(
      target,
      text.replaceAll(/\{\{\w+\}\}/g, (token) => tokens[token] ?? token),
    );
  }
}

async function copySdk(from: string, to: string): Promise<void> {
  const isLeftOut = (path: string) => /\/(?:node_modules|tests|template[^/]*|dist)$|\.test\.ts$/.test(path);
  await cp(from, to, { recursive: true, filter: (source) => !isLeftOut(source) });
}

test.each([null, "plain", "react"] as Page[])(
  "a new project with the page %p builds, passes its test and its type check",
  async (page) => {
    const folder = await mkdtemp(join(tmpdir(), "toru-new-"));
    const npm = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(["npm", ...args], folder, process.env, TIMEOUT_MS);
      if (code !== 0) throw new Error(`npm ${args.join(" ")}:\n${stdout}\n${stderr}`);
      return stdout;
    };
    try {
      await instantiate(folder, page);
      const files = await readdir(folder, { recursive: true });
      expect(files.filter((name) => name.endsWith(".tmpl"))).toEqual([]);
      expect(await readFile(join(folder, "README.md"), "utf8")).not.toContain("{{");
      await npm("install", "--no-audit", "--no-fund");
      if (page === "react") await npm("--prefix", "page", "install", "--no-audit", "--no-fund");
      expect(await npm("test")).toContain(`# pass ${page === null ? 2 : 3}`);
      await npm("run", "check");
      if (page === "react") await npm("--prefix", "page", "run", "check");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
