// Prepares the machine, builds the host and measures it against nginx and Caddy. Arguments are passed on: see README.md.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureCommand, installPackages } from "../../scripts/setup.mjs";

process.env.PATH += ":/usr/sbin"; // where Debian has nginx
const tools = [
  ["nginx", "nginx-light", "the host is measured against it"],
  ["caddy", "caddy", "the host is measured against it"],
  ["wrk", "wrk", "it makes the requests"],
  ["python3", "python3", "the fixture plugins are written in it"],
];
if (!tools.map((tool) => ensureCommand(...tool)).every(Boolean)) process.exit(1);
await installPackages();
if (!process.argv.some((argument) => argument.startsWith("--host"))) await build();

const measurement = spawn(bin("bun"), [join(root, "benchmarks/forward/measure.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => measurement.kill(signal));
measurement.on("exit", (code) => process.exit(code ?? 1));
