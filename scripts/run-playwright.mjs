// For what a browser does outside of `npm test`: screenshots and benchmarks.
import { spawnSync } from "node:child_process";
import { buildIfStale } from "./build.mjs";
import { bin, root } from "./run.mjs";
import { ensureChromium, installPackages } from "./setup.mjs";

/** Runs what the folder's Playwright configuration names, against a current build, and ends with its exit code. */
export async function runPlaywright(folder) {
  await installPackages();
  await buildIfStale();
  const { status } = spawnSync(bin("playwright"), ["test", "-c", folder], {
    cwd: root,
    env: { ...process.env, TORU_CHROMIUM: await ensureChromium() },
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}
