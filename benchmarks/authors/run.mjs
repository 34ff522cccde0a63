// Builds the host and measures what authors wait for. Arguments are passed on: see README.md.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureCommand, installPackages } from "../../scripts/setup.mjs";
import { prepareCargo } from "../../scripts/toolchains.mjs";

const tools = [
  ["wrk", "wrk", "it makes the requests"],
  ["python3", "python3", "one of the plugins is written in it"],
];
const env = prepareCargo();
if (env === null || !tools.map((tool) => ensureCommand(...tool)).every(Boolean)) process.exit(1);
await installPackages();
await build();

const measurement = spawn(bin("bun"), [join(root, "benchmarks/authors/measure.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env,
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
measurement.on("exit", (code) => process.exit(code ?? 1));
