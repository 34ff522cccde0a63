// A database whose writer is killed 1,000 times: what was acknowledged is there each time.
import { soakTests } from "../soak-tests.mjs";

soakTests(["packages/storage/src/sqlite/contract.test.ts", "-t", "survives SIGKILL"], { TORU_KILL_ROUNDS: "1000" });
