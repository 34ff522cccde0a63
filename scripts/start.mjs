// npm start: installs, builds where that is due, puts the examples into an empty ./plugins, and serves.
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale, executable } from "./build.mjs";
import { root } from "./run.mjs";
import { ensureCommand, installPackages } from "./setup.mjs";

await installPackages();
await buildIfStale();
seedPlugins(process.env.TORU_PLUGINS_DIR || join(root, "plugins"));

const host = spawn(executable, ["serve", ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => host.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
// npm runs this under a shell, which a signal may end without passing it on.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && host.kill("SIGTERM"), 500).unref();
host.on("error", (error) => {
  console.error(`${executable} cannot be run: ${error.message}`);
  process.exit(1);
});
host.on("exit", (code) => process.exit(code ?? 1));

/** An example is examples/NAME/NAME.py or NAME.binary; it is installed as NAME.binary. */
function seedPlugins(folder) {
  if (existsSync(folder) && readdirSync(folder).length > 0) return;
  mkdirSync(folder, { recursive: true });
  let needsPython = false;
  for (const name of readdirSync(join(root, "examples"))) {
    const source = join(root, "examples", name, `${name}.py`);
    if (!existsSync(source)) continue;
    const target = join(folder, `${name}.binary`);
    copyFileSync(source, target);
    chmodSync(target, 0o755);
    needsPython = true;
    console.log(`Installed the example ${name}`);
  }
  if (needsPython) ensureCommand("python3", "python3", "the example plugins are written in it");
}
