// What the run.mjs of the benchmarks do: prepare the machine, build the host, and run measure.ts with the arguments.
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureCommand, installPackages } from "../../scripts/setup.mjs";

export const RUST = ["rustc", "rustc", "the client and the plugins are written in Rust"];

/** `tools`: what is needed, each as ensureCommand takes it. */
export async function runMeasurement(name, tools = []) {
  process.env.PATH += ["", join(homedir(), ".cargo", "bin"), "/usr/sbin"].join(delimiter); // Rust's, and where Debian has nginx
  if (!tools.map((tool) => ensureCommand(...tool)).every(Boolean)) process.exit(1);
  await installPackages();
  if (!process.argv.some((argument) => argument.startsWith("--host"))) await build();
  const script = join(root, "benchmarks", name, "measure.ts");
  const measurement = spawn(bin("bun"), [script, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
  measurement.on("exit", (code) => process.exit(code ?? 1));
}
