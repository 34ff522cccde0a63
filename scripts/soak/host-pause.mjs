// The host is stopped for a whole minute while requests wait at its plugins, and goes on: no plugin is restarted or counts as sick.
import { soakTests } from "../soak-tests.mjs";

const seconds = Number(process.argv[2] ?? 60);
const file = "packages/server/tests/clock-faults.test.ts";
soakTests(["--timeout", "600000", file, "-t", "what the host has missed"], {
  TORU_TEST_PAUSE_MS: String(seconds * 1000),
  // That of a host without settings.
  TORU_TEST_HEALTH_INTERVAL_MS: "5000",
});
