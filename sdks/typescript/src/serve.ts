import { writeSync } from "node:fs";
import type { Plugin } from "./plugin.ts";
import { PluginProcess } from "./plugin-process.ts";

/** The program was started by hand. */
const EXIT_USAGE = 2;
/** The socket cannot be bound. */
const EXIT_FAILED = 1;

/**
 * Runs the plugin as this process: prints the manifest where `--metadata` asks for it, else listens on the socket that the
 * host has named and works until the host says stop. `toru-plugin build` calls it; call it yourself only where you bundle
 * by other means.
 */
export async function serve(plugin: Plugin): Promise<void> {
  if (process.argv.includes("--metadata")) {
    writeAll(1, `${JSON.stringify(plugin.metadata)}\n`);
    process.exit(0);
  }
  const socketPath = process.env["TORU_PLUGIN_SOCKET"];
  if (socketPath === undefined || socketPath === "") {
    const advice = `put it into the host's plugins folder as ${plugin.id}.binary; --metadata prints what it is`;
    process.stderr.write(`This is ${plugin.name}, a plugin for Toru, and not to be started by hand: ${advice}.\n`);
    process.exit(EXIT_USAGE);
  }
  try {
    await new PluginProcess(plugin).run(socketPath);
  } catch (error) {
    process.stderr.write(`${plugin.id} cannot listen: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_FAILED);
  }
}

/** `process.stdout` may be redirected (quiet-metadata.ts), and a pipe may take less than all at once. */
function writeAll(descriptor: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
