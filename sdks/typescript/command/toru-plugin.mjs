#!/usr/bin/env node
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { CommandError } from "./command-error.mjs";
import { runTests } from "./run-tests.mjs";

const USAGE = `toru-plugin build [ENTRY] [--output FILE] [--page FILE] [--sourcemap] [--standalone]
  Makes one executable file of the plugin that ENTRY exports by default (src/plugin.ts), with its page inside.
  --output FILE  where to; dist/<id>.binary where none is named
  --page FILE    the script of the page; else page/ is built by Vite, or page/bundle.js is taken
  --sourcemap    adds a source map, for a debugger
  --standalone   carries its runtime, for servers without node and bun; needs bun to build, and takes about 100 MB

toru-plugin test [FILE…]
  Runs tests in TypeScript (node:test): all *.test.ts below src, test and tests, or the named ones.
`;

const OPTIONS = /** @type {const} */ ({
  output: { type: "string" },
  page: { type: "string" },
  sourcemap: { type: "boolean", default: false },
  standalone: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
});

/** @returns {Promise<number>} the exit code */
async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const { help, ...options } = values;
  const [command, ...files] = positionals;
  const project = process.cwd();
  if (command === "build" && !help && files.length <= 1) {
    console.log(await build({ project, entry: files[0], ...options }));
    return 0;
  }
  if (command === "test" && !help) return runTests(project, files);
  (help ? process.stdout : process.stderr).write(USAGE);
  return help ? 0 : 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  const isUsage = String(code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof CommandError) && !isUsage) throw error;
  console.error(`toru-plugin: ${/** @type {Error} */ (error).message}`);
  process.exitCode = isUsage ? 2 : 1;
}
