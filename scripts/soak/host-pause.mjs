// The host is stopped for a whole minute while requests wait at its plugins, and goes on: no plugin is restarted or counts as sick.
import { spawnSync } from "node:child_process";
import { bin, root } from "../run.mjs";

const seconds = Number(process.argv[2] ?? 60);
const args = [
  "test",
  "--timeout",
  "600000",
  "packages/server/tests/clock-faults.test.ts",
  "-t",
  "what the host has missed",
];
/** The interval is that of a host without settings. */
const settings = { TORU_TEST_PAUSE_MS: String(seconds * 1000), TORU_TEST_HEALTH_INTERVAL_MS: "5000" };
const { status } = spawnSync(bin("bun"), args, { cwd: root, stdio: "inherit", env: { ...process.env, ...settings } });
process.exit(status ?? 1);
