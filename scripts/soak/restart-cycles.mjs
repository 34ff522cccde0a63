// A plugin is started and ended 1,000 times, or as often as is named: the host holds no more than before.
import { spawnSync } from "node:child_process";
import { bin, root } from "../run.mjs";

const cycles = process.argv[2] ?? "1000";
const args = ["test", "--timeout", "3600000", "./packages/server/tests/no-leaks.test.ts"];
const env = { ...process.env, TORU_TEST_CYCLES: cycles };
process.exit(spawnSync(bin("bun"), args, { cwd: root, env, stdio: "inherit" }).status ?? 1);
