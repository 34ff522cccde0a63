// The example plugins: examples/NAME/toru.json says how each is built. `node scripts/examples.mjs NAME` builds one and prints its path.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bin, root } from "./run.mjs";
import { prepareCargo } from "./toolchains.mjs";

/** What was put into a plugins folder once is not put there again: its owner may have removed it. */
const RECORD = ".toru-examples.json";

/**
 * Builds the examples one after the other and puts each into the plugins folder as soon as it is built; a running host notices.
 * Only into a folder that was empty when this was first done there.
 */
export async function installExamples(pluginsDir, signal) {
  const record = join(pluginsDir, RECORD);
  if (!existsSync(record) && existsSync(pluginsDir) && readdirSync(pluginsDir).some((name) => !name.startsWith(".")))
    return;
  mkdirSync(pluginsDir, { recursive: true });
  const installed = existsSync(record) ? JSON.parse(readFileSync(record, "utf8")) : [];
  for (const name of exampleNames().filter((name) => !installed.includes(name))) {
    if (signal.aborted) return;
    const built = await buildExample(name, signal);
    if (built === null) continue;
    const target = join(pluginsDir, `${name}.binary`);
    copyFileSync(built, `${target}.new`);
    chmodSync(`${target}.new`, 0o755);
    renameSync(`${target}.new`, target);
    installed.push(name);
    writeFileSync(record, JSON.stringify(installed));
    console.log(`Installed the example ${name}`);
  }
}

function exampleNames() {
  return readdirSync(join(root, "examples")).filter((name) => existsSync(join(root, "examples", name, "toru.json")));
}

/** The path of the built executable; null, with the reason said, where it cannot be built on this machine. */
export async function buildExample(name, signal) {
  const folder = join(root, "examples", name);
  const { steps, output } = JSON.parse(readFileSync(join(folder, "toru.json"), "utf8"));
  const needsCargo = existsSync(join(folder, "Cargo.toml"));
  const env = needsCargo ? prepareCargo() : process.env;
  if (env === null) {
    console.log(`So the example ${name}, which is written in Rust, is left out.`);
    return null;
  }
  for (const { run } of steps) {
    const child = spawn("sh", ["-c", run], {
      cwd: folder,
      env: { ...env, PATH: `${join(bin("x"), "..")}:${env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (words += text));
    const [code] = await once(child, "close").catch((error) => [error.message]);
    if (signal.aborted) return null;
    if (code === 0) continue;
    console.log(`${words}\nThe example ${name} could not be built (${run}), and is left out.`);
    return null;
  }
  return join(folder, output);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildExample(process.argv[2] ?? "", new AbortController().signal);
  if (built === null) process.exit(1);
  console.log(built);
}
