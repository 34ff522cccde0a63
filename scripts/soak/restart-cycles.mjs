// A plugin is started and ended 1,000 times, or as often as is named: the host holds no more than before.
import { soakTests } from "../soak-tests.mjs";

const cycles = process.argv[2] ?? "1000";
soakTests(["--timeout", "3600000", "./packages/server/tests/no-leaks.test.ts"], { TORU_TEST_CYCLES: cycles });
