import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle-plugin.mjs";
import { CommandError } from "./command-error.mjs";

const FOLDERS = ["src", "test", "tests"];
const IS_TEST = /\.test\.[cm]?[jt]sx?$/;
/** CommonJS packages among the imports call it. */
const REQUIRE =
  'import { createRequire as createNodeRequire } from "node:module"; const require = createNodeRequire(import.meta.url);';

/**
 * Runs tests that are written in TypeScript for `node:test`, on any Node from 20 on, with the project as the working folder.
 *
 * @param {string} project absolute
 * @param {string[]} files relative to the project; all `*.test.ts` below src, test and tests where none is named
 * @returns {Promise<number>} the exit code
 */
export async function runTests(project, files) {
  const names = files.length > 0 ? files : FOLDERS.flatMap((folder) => findTests(project, folder));
  if (names.length === 0) throw new CommandError(`there is no *.test.ts in ${FOLDERS.join(", ")} of ${project}`);
  const folder = join(project, "node_modules", ".cache", `toru-plugin-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const bundled = await Promise.all(names.map((name) => bundleTest(project, name, folder)));
    return await runNode(["--enable-source-maps", "--test", ...bundled], project);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} project
 * @param {string} name
 * @param {string} folder
 */
async function bundleTest(project, name, folder) {
  const entry = join(project, name);
  if (!existsSync(entry)) throw new CommandError(`there is no test ${entry}`);
  const output = join(folder, `${name.replaceAll("/", "-")}.mjs`);
  const script = await bundle({
    entryPoints: [entry],
    absWorkingDir: project,
    format: "esm",
    banner: { js: REQUIRE },
    sourcemap: "inline",
    outfile: output,
  });
  writeFileSync(output, script);
  return output;
}

/**
 * @param {string} project
 * @param {string} folder
 * @returns {string[]}
 */
function findTests(project, folder) {
  if (!existsSync(join(project, folder))) return [];
  const names = /** @type {string[]} */ (readdirSync(join(project, folder), { recursive: true }));
  return names
    .filter((name) => IS_TEST.test(name))
    .map((name) => join(folder, name))
    .sort((a, b) => (a < b ? -1 : 1));
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<number>}
 */
function runNode(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
