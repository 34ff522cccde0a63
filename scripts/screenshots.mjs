// npm run screenshots: takes the README's pictures anew, into docs/images.
import { spawnSync } from "node:child_process";
import { buildIfStale } from "./build.mjs";
import { bin, root } from "./run.mjs";
import { ensureChromium, installPackages } from "./setup.mjs";

await installPackages();
await buildIfStale();
const { status } = spawnSync(bin("playwright"), ["test", "-c", "docs/screenshots"], {
  cwd: root,
  env: { ...process.env, TORU_CHROMIUM: await ensureChromium() },
  stdio: "inherit",
});
process.exit(status ?? 1);
