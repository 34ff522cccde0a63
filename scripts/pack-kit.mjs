// Puts what `toru new` needs into one file for the executable: the templates, and the SDKs' own sources for a project's vendor folder.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./run.mjs";

/** Part of the kit → its folder. A part of the name `…/sdk` is copied without its tests, templates and caches. */
const PARTS = {
  "rust/template": "sdks/rust/template",
  "rust/sdk": "sdks/rust/toru-plugin-api",
  "python/template": "sdks/python/template",
  "python/sdk": "sdks/python",
  "typescript/template": "sdks/typescript/template",
  "typescript/sdk": "sdks/typescript",
  "page/template-react": "sdks/page/template-react",
  "page/template-plain": "sdks/page/template-plain",
  "page/sdk": "sdks/page",
};

const LEFT_OUT =
  /^(?:node_modules|tests?|template.*|target|dist|__pycache__|\..*|.*\.egg-info|.*\.test\.tsx?|requirements-test\.txt)$/;

export function packKit(target) {
  const kit = {};
  for (const [part, folder] of Object.entries(PARTS)) {
    kit[part] = Object.fromEntries(textsOf(join(root, folder), "", part.endsWith("/sdk") ? LEFT_OUT : /^\./));
  }
  // Without a time inside: the same sources make the same executable.
  writeFileSync(target, gzipSync(JSON.stringify(kit), { level: 9 }));
}

function textsOf(folder, prefix, leftOut) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !leftOut.test(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return textsOf(path, `${prefix}${entry.name}/`, leftOut);
      return [[prefix + entry.name, readFileSync(path, "utf8")]];
    });
}
