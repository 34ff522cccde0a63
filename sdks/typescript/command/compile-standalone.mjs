import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "./command-error.mjs";

/** How long Bun may take. */
const COMPILE_TIMEOUT_MS = 120_000;

/**
 * Makes an executable that carries its runtime, for servers that have neither node nor bun.
 *
 * @param {string} script
 * @param {string} output
 * @param {string} project where a bun of the project's own may be installed
 */
export function compileStandalone(script, output, project) {
  const own = join(project, "node_modules", ".bin", "bun");
  const bun = existsSync(own) ? own : "bun";
  const folder = mkdtempSync(join(tmpdir(), "toru-plugin-"));
  try {
    // Always of one name, both of them: the executable remembers it.
    writeFileSync(join(folder, "plugin.cjs"), script);
    const args = ["build", "--compile", "--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
    const options = { cwd: folder, encoding: /** @type {const} */ ("utf8"), timeout: COMPILE_TIMEOUT_MS };
    const { status, stderr, error } = spawnSync(bun, [...args, "plugin.cjs", "--outfile", "plugin"], options);
    if (error !== undefined && "code" in error && error.code === "ENOENT") {
      throw new CommandError("--standalone is made by bun, which is not on the PATH; install it (npm install -D bun)");
    }
    if (status !== 0) throw new CommandError(`bun could not make the executable: ${error?.message ?? stderr.trim()}`);
    copyFileSync(join(folder, "plugin"), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
