import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CommandError } from "./command-error.mjs";

/** Largest page, in bytes: the host takes it in one answer. */
const MAX_PAGE_BYTES = 15 * 1024 * 1024;
/** How long Vite may take. */
const VITE_TIMEOUT_MS = 120_000;

/**
 * The script of the page: `file` where one is named, else what Vite makes of `page/` where it has a configuration, else
 * `page/bundle.js` or `page/dist/bundle.js`. Null where there is none.
 *
 * @param {string} project absolute
 * @param {string | undefined} file relative to the project
 * @returns {string | null}
 */
export function buildPage(project, file) {
  const path = file === undefined ? findPage(join(project, "page")) : join(project, file);
  if (path === null) return null;
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined)
    throw new CommandError(`there is no page at ${path}; build it first, or name another by --page`);
  if (bytes > MAX_PAGE_BYTES) {
    throw new CommandError(`the page ${path} has ${bytes} bytes; at most ${MAX_PAGE_BYTES} can be embedded`);
  }
  return readFileSync(path, "utf8");
}

/** @param {string} folder */
function findPage(folder) {
  const built = join(folder, "dist", "bundle.js");
  const hasVite = ["ts", "mts", "js", "mjs"].some((ending) => existsSync(join(folder, `vite.config.${ending}`)));
  if (hasVite && newest(folder) > (statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0)) runVite(folder);
  if (hasVite) return built;
  return [join(folder, "bundle.js"), built].find((path) => existsSync(path)) ?? null;
}

/** @param {string} folder */
function runVite(folder) {
  const manifest = findVite(folder);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  const vite = join(dirname(manifest), bin.vite);
  const options = { cwd: folder, encoding: /** @type {const} */ ("utf8"), timeout: VITE_TIMEOUT_MS };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], options);
  if (status === 0) return void process.stderr.write(stderr);
  throw new CommandError(`Vite could not build the page: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

/** @param {string} folder */
function findVite(folder) {
  try {
    return createRequire(join(folder, "package.json")).resolve("vite/package.json");
  } catch {
    throw new CommandError(
      `the page in ${folder} is built by Vite, which is not installed: npm --prefix ${folder} install`,
    );
  }
}

/**
 * When something below the folder was last changed, in milliseconds of the epoch. A folder changes when a file of it goes.
 *
 * @param {string} folder
 * @returns {number}
 */
function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "dist") continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, statSync(path).mtimeMs, entry.isDirectory() ? newest(path) : 0);
  }
  return latest;
}
