import { CliError } from "../cli/cli-error.ts";
import type { AuthorKit } from "./author-kit.ts";
import type { Language, PageKind } from "./language.ts";
import { PROJECT_FILE, type Project } from "./project-file.ts";

export interface ProjectWish {
  name: string;
  language: Language;
  page: PageKind | null;
}

/** Ids that a plugin or a package of one of the languages cannot have. */
const RESERVED = new Set(
  [
    "route toru toru-page toru-plugin toru-plugin-api node-modules test tests core std alloc main build deps examples",
    "abstract and as assert async await become box break case catch class const continue crate def default del delete do",
    "dyn elif else enum except export extends extern false final finally fn for from function gen global if impl import in",
    "instanceof is lambda let loop macro match mod move mut new nonlocal none not null or override package pass priv pub",
    "raise ref return self static struct super switch this throw trait true try type typeof unsafe unsized use var void",
    "virtual where while with yield",
  ].flatMap((line) => line.split(" ")),
);

/** Where the SDK of a language is copied to. It is not on a registry: what comes along is what this `toru` was built with. */
const VENDORED: Record<Language, string> = {
  rust: "vendor/toru-plugin-api",
  python: "vendor/toru-plugin",
  typescript: "vendor/toru-plugin",
};

const COMMANDS: Record<Language, { run: string; output: (id: string) => string; watch: string[] }> = {
  rust: {
    run: "cargo build --target-dir target",
    output: (id) => `target/debug/${id}`,
    watch: ["src", "Cargo.toml"],
  },
  python: {
    run: "PYTHONPATH=vendor/toru-plugin/src python3 -m toru_plugin pack --output dist/{{id}}.binary",
    output: (id) => `dist/${id}.binary`,
    watch: ["src", "pyproject.toml"],
  },
  typescript: {
    run: "node_modules/.bin/toru-plugin build --output dist/{{id}}.binary",
    output: (id) => `dist/${id}.binary`,
    watch: ["src", "package.json"],
  },
};

/** Pure: every file of the new project, by its path in it. */
export function planProject(kit: AuthorKit, wish: ProjectWish): Map<string, string> {
  const { language, page } = wish;
  const tokens = tokensOf(wish);
  const files = new Map<string, string>();
  const add = (part: string, folder: string, isTemplate: boolean) => {
    for (const [path, text] of Object.entries(partOf(kit, part))) {
      if (isTemplate) files.set(folder + fill(targetOf(path), tokens), fill(conditional(text, page), tokens));
      else files.set(folder + path, text);
    }
  };
  add(`${language}/template`, "", true);
  add(`${language}/sdk`, `${VENDORED[language]}/`, false);
  if (page !== null) add(`page/template-${page}`, "page/", true);
  if (page === "react") add("page/sdk", "vendor/toru-page/", false);
  files.set(PROJECT_FILE, `${JSON.stringify(projectOf(wish, tokens["{{id}}"] ?? ""), null, 2)}\n`);
  return files;
}

function projectOf({ language, page }: ProjectWish, id: string): Project {
  const { run, output, watch } = COMMANDS[language];
  const setup: Project["setup"] = [];
  if (language === "typescript") setup.push({ run: "npm install --no-audit --no-fund", creates: "node_modules" });
  const steps: Project["steps"] = [];
  if (page === "react") {
    setup.push({ run: "npm --prefix page install --no-audit --no-fund", creates: "page/node_modules" });
    steps.push({ run: "npm --prefix page run build", watch: ["page/src", "page/vite.config.ts"] });
  }
  steps.push({ run: run.replaceAll("{{id}}", id), watch: page === "plain" ? [...watch, "page"] : watch });
  return { id, setup, steps, output: output(id) };
}

function tokensOf({ name, page }: ProjectWish): Record<string, string> {
  if (!/^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(name) || name.includes("--")) {
    throw new CliError(
      `${JSON.stringify(name)} cannot be the name of a plugin: lower-case letters, digits and single hyphens, 1 to 64, the first a letter, the last no hyphen`,
    );
  }
  if (RESERVED.has(name)) throw new CliError(`"${name}" is reserved; choose another name, for example "my-${name}"`);
  const words = name.replaceAll("-", " ");
  return {
    "{{id}}": name,
    "{{title}}": words.charAt(0).toUpperCase() + words.slice(1),
    "{{ident}}": name.replaceAll("-", "_"),
    "{{bundle}}": page === "react" ? "page/dist/bundle.js" : "page/bundle.js",
  };
}

function partOf(kit: AuthorKit, part: string): Record<string, string> {
  const found = kit[part];
  if (found === undefined) throw new Error(`the kit has no part ${part}`);
  return found;
}

/** `_gitignore.tmpl` → `.gitignore`. */
function targetOf(path: string): string {
  return path.replace(/\.tmpl$/, "").replace(/(^|\/)_(?=[^/_][^/]*$)/, "$1.");
}

function fill(text: string, tokens: Record<string, string>): string {
  return text.replaceAll(/\{\{\w+\}\}/g, (token) => tokens[token] ?? token);
}

/** Lines between `{{#page}}` and `{{/page}}` stay only with a page, `react` only with one in React; the marks have lines of their own. */
function conditional(text: string, page: PageKind | null): string {
  const block = /^[^\n]*\{\{#(page|react)\}\}[^\n]*\n([\s\S]*?)^[^\n]*\{\{\/\1\}\}[^\n]*(?:\n|$)/gm;
  const isWanted = (mark: string) => (mark === "react" ? page === "react" : page !== null);
  return text.replaceAll(block, (_block, mark: string, inner: string) => (isWanted(mark) ? inner : ""));
}
