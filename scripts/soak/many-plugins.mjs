// 500 plugins on one host: they start, end with a host that is killed, start again, and end in order.
import { spawnSync } from "node:child_process";
import { bin, root } from "../run.mjs";

const args = ["test", "--timeout", "900000", "./packages/server/tests/many-plugins.soak.ts"];
process.exit(spawnSync(bin("bun"), args, { cwd: root, stdio: "inherit" }).status ?? 1);
