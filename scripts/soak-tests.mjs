// What several of scripts/soak are: tests that `npm test` has too, at another size.
import { spawnSync } from "node:child_process";
import { bin, root } from "./run.mjs";

/** Runs `bun test` with these arguments and variables, and ends as it ends. */
export function soakTests(args, settings = {}) {
  const env = { ...process.env, ...settings };
  const { status } = spawnSync(bin("bun"), ["test", ...args], { cwd: root, stdio: "inherit", env });
  process.exit(status ?? 1);
}
