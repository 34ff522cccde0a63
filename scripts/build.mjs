// Makes dist/toru, one executable that needs nothing beside it. `node scripts/build.mjs` builds always.
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packKit } from "./pack-kit.mjs";
import { packPanel } from "./pack-panel.mjs";
import { bin, must, root } from "./run.mjs";
import { installPackages } from "./setup.mjs";

export const executable = join(root, "dist", "toru");
const panelPack = join(root, "dist", "panel.pack");
/** Parsed at build time: half the time from the start to the first line, for 6 MB more on disk. */
const QUICK_START = ["--bytecode", "--format=esm"];
const authorKit = join(root, "dist", "author.kit");

export async function build() {
  mkdirSync(join(root, "dist"), { recursive: true });
  await must(bin("vite"), ["build", "web", "--logLevel", "warn"], "The build of the panel");
  packPanel(join(root, "web", "dist"), panelPack);
  packKit(authorKit);
  const fresh = `${executable}.new`;
  const entry = join("packages", "server", "src", "main.ts");
  await must(
    bin("bun"),
    [
      "build",
      "--compile",
      ...QUICK_START,
      "--minify-syntax",
      "--sourcemap",
      entry,
      panelPack,
      authorKit,
      "--outfile",
      fresh,
    ],
    "The build",
  );
  renameSync(fresh, executable); // one step: a host that runs from the old file is not disturbed
}

export async function buildIfStale() {
  const built = modifiedAt(executable);
  const sources = ["conformance", "packages", "web", "sdks"].map((folder) => newest(join(root, folder)));
  const files = ["package-lock.json", "docs/plugin-pages.md"].map((file) => modifiedAt(join(root, file)));
  if (built > Math.max(...sources, ...files)) return;
  console.log("Building dist/toru …");
  await build();
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "tests", "dist", "target", ".mypy_cache"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : modifiedAt(path));
  }
  return latest;
}

function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await installPackages();
  await build();
  console.log(`Built ${executable}`);
}
