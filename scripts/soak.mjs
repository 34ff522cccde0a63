// npm run soak: whatever takes too long for `npm test`, one after the other. `npm run soak -- NAME` runs one alone.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";
import { installPackages } from "./setup.mjs";

const folder = join(root, "scripts", "soak");
const all = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs"))
  .map((name) => name.slice(0, -".mjs".length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no soak ${unknown.join(", ")}; there are ${all.join(", ")}.`);
  process.exit(1);
}
await installPackages();
const failed = [];
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`— ${name}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.mjs`)], { cwd: root, stdio: "inherit" });
  if (status !== 0) failed.push(name);
  console.log(`  ${status === 0 ? "holds" : "FAILED"} after ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
console.log(failed.length === 0 ? "\nAll hold" : `\nWhat failed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
