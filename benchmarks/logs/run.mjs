// Builds the host and measures its logs. Arguments are passed on: see README.md.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { installPackages } from "../../scripts/setup.mjs";

await installPackages();
if (!process.argv.some((argument) => argument.startsWith("--host"))) await build();

const measurement = spawn(bin("bun"), [join(root, "benchmarks/logs/measure.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
measurement.on("exit", (code) => process.exit(code ?? 1));
