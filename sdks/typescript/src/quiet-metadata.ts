/**
 * Imported before the plugin's own modules: with `--metadata`, stdout belongs to the manifest alone, so what they print
 * while they load goes to stderr.
 */
import { Console } from "node:console";

if (process.argv.includes("--metadata")) {
  globalThis.console = new Console(process.stderr) as unknown as Console & typeof console;
  process.stdout.write = process.stderr.write.bind(process.stderr);
}
