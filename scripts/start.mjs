// npm start: installs, builds where that is due, serves, and meanwhile puts the examples into an empty ./plugins.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, executable } from "./build.mjs";
import { installExamples } from "./examples.mjs";
import { root } from "./run.mjs";
import { ensureCommand, installPackages } from "./setup.mjs";

await installPackages();
await buildIfStale();
ensureCommand("python3", "python3", "some of the example plugins are written in it");
const stopping = new AbortController();

const host = spawn(executable, ["serve", ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    stopping.abort();
    host.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  });
// npm runs this under a shell, which a signal may end without passing it on.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && host.kill("SIGTERM"), 500).unref();
host.on("error", (error) => {
  console.error(`${executable} cannot be run: ${error.message}`);
  process.exit(1);
});
host.on("exit", (code) => process.exit(code ?? 1));
await installExamples(process.env.TORU_PLUGINS_DIR || join(root, "plugins"), stopping.signal);
