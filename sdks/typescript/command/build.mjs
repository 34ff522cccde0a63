import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildPage } from "./build-page.mjs";
import { bundlePlugin } from "./bundle-plugin.mjs";
import { CommandError } from "./command-error.mjs";
import { compileStandalone } from "./compile-standalone.mjs";
import { readMetadata } from "./read-metadata.mjs";

const ENTRIES = ["src/plugin.ts", "src/plugin.js", "src/index.ts", "src/index.js"];

/**
 * Makes the one file that the host runs, and asks it what it is before it takes the place of an older one.
 *
 * @typedef {object} BuildOptions
 * @property {string} project absolute
 * @property {string | undefined} [entry] relative to the project, like the next two
 * @property {string | undefined} [output]
 * @property {string | undefined} [page]
 * @property {boolean} standalone
 * @property {boolean} sourcemap
 *
 * @param {BuildOptions} options
 * @returns {Promise<string>} what was built, for people
 */
export async function build({ project, entry, output, page, standalone, sourcemap }) {
  const start = performance.now();
  const pageScript = buildPage(project, page);
  const script = await bundlePlugin({ project, entry: findEntry(project, entry), page: pageScript, sourcemap });
  const folder = output === undefined ? join(project, "dist") : dirname(resolve(project, output));
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `.toru-plugin-${process.pid}.new`);
  try {
    if (standalone) compileStandalone(script, fresh, project);
    else writeFileSync(fresh, script);
    chmodSync(fresh, 0o755);
    const { id, name, version, route } = readMetadata(fresh);
    const target = output === undefined ? join(folder, `${id}.binary`) : resolve(project, output);
    renameSync(fresh, target);
    const withPage = pageScript === null ? "no page" : `a page of ${kib(Buffer.byteLength(pageScript))}`;
    const took = Math.round(performance.now() - start);
    return `Built ${target}: ${name} ${version} at ${route}, ${kib(statSync(target).size)}, ${withPage}, in ${took} ms.`;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/**
 * @param {string} project
 * @param {string | undefined} entry
 */
function findEntry(project, entry) {
  const names = entry === undefined ? ENTRIES : [entry];
  const found = names.map((name) => resolve(project, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CommandError(`there is no ${names.join(", no ")} in ${project}; name the file that defines the plugin`);
}

/** @param {number} bytes */
function kib(bytes) {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
