// A database whose writer is killed 1,000 times: what was acknowledged is there each time.
import { spawnSync } from "node:child_process";
import { bin, root } from "../run.mjs";

const test = ["test", "packages/storage/src/sqlite/contract.test.ts", "-t", "survives SIGKILL"];
const { status } = spawnSync(bin("bun"), test, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, TORU_KILL_ROUNDS: "1000" },
});
process.exit(status ?? 1);
