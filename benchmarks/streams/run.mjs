// Builds the host and measures what passes through it. Arguments are passed on: see README.md.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureCommand, installPackages } from "../../scripts/setup.mjs";

if (!ensureCommand("python3", "python3", "the plugin is written in it")) process.exit(1);
await installPackages();
await build();

const measurement = spawn(bin("bun"), [join(root, "benchmarks/streams/measure.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
measurement.on("exit", (code) => process.exit(code ?? 1));
