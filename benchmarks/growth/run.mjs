// Builds the host and measures it with ever more plugins. Arguments are passed on: see README.md.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureCommand, installPackages } from "../../scripts/setup.mjs";

const tools = [
  ["wrk", "wrk", "it makes the requests"],
  ["python3", "python3", "the plugins are written in it"],
];
if (!tools.map((tool) => ensureCommand(...tool)).every(Boolean)) process.exit(1);
await installPackages();
await build();

const measurement = spawn(bin("bun"), [join(root, "benchmarks/growth/measure.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
measurement.on("exit", (code) => process.exit(code ?? 1));
