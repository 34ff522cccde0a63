// node benchmarks/panel/run.mjs: prints the figures of README.md.
import { spawnSync } from "node:child_process";
import { buildIfStale } from "../../scripts/build.mjs";
import { bin, root } from "../../scripts/run.mjs";
import { ensureChromium, installPackages } from "../../scripts/setup.mjs";

await installPackages();
await buildIfStale();
const { status } = spawnSync(bin("playwright"), ["test", "-c", "benchmarks/panel"], {
  cwd: root,
  env: { ...process.env, TORU_CHROMIUM: await ensureChromium() },
  stdio: "inherit",
});
process.exit(status ?? 1);
