import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { CommandError } from "./command-error.mjs";
import { HEADER } from "./header.mjs";

const source = (/** @type {string} */ name) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/**
 * The plugin with all that it imports and its page as one script. The same sources give the same bytes.
 *
 * Not minified: the log of a server shows stack traces of it.
 *
 * @param {{ project: string, entry: string, page: string | null, sourcemap: boolean }} options absolute paths
 * @returns {Promise<string>}
 */
export async function bundlePlugin({ project, entry, page, sourcemap }) {
  const main = [
    `import ${JSON.stringify(source("quiet-metadata.ts"))};`,
    `import { serve } from ${JSON.stringify(source("serve.ts"))};`,
    `import * as module from ${JSON.stringify(entry)};`,
    'import page from "toru:page";',
    "const { default: plugin } = module;",
    `if (plugin?.metadata === undefined) throw new Error(${JSON.stringify(noPlugin(entry))});`,
    "void serve(page === '' ? plugin : { ...plugin, page });",
  ];
  return bundle({
    stdin: { contents: main.join("\n"), resolveDir: project, sourcefile: "toru-plugin-main.js" },
    absWorkingDir: project,
    format: "cjs",
    banner: { js: HEADER },
    sourcemap: sourcemap ? "inline" : false,
    sourceRoot: `${project}/`, // the file will lie elsewhere
    plugins: [pageModule(page ?? "")],
  });
}

/**
 * Runs esbuild for Node 20 and returns the one file that it makes. Warnings go to stderr.
 *
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<string>}
 */
export async function bundle(options) {
  try {
    const { outputFiles, warnings } = await esbuild.build({
      bundle: true,
      platform: "node",
      target: "node20",
      charset: "utf8",
      logLevel: "silent",
      ...options,
      write: false,
    });
    await report(warnings, "warning");
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    const { errors } = /** @type {Partial<import("esbuild").BuildFailure>} */ (error);
    if (errors === undefined) throw error;
    await report(errors, "error");
    throw new CommandError("the plugin could not be bundled: mend what is named above");
  }
}

/**
 * @param {import("esbuild").Message[]} messages
 * @param {"error" | "warning"} kind
 */
async function report(messages, kind) {
  for (const text of await esbuild.formatMessages(messages, { kind, color: process.stderr.isTTY })) {
    process.stderr.write(text);
  }
}

/** @param {string} entry */
function noPlugin(entry) {
  const name = entry.slice(entry.lastIndexOf("/") + 1);
  return `${name} has no plugin to run: write "export default definePlugin({ … })" in it`;
}

/**
 * @param {string} contents
 * @returns {import("esbuild").Plugin}
 */
function pageModule(contents) {
  return {
    name: "toru-page",
    setup(build) {
      build.onResolve({ filter: /^toru:page$/ }, ({ path }) => ({ path, namespace: "toru-page" }));
      build.onLoad({ filter: /.*/, namespace: "toru-page" }, () => ({ contents, loader: "text" }));
    },
  };
}
