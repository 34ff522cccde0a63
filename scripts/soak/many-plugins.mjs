// 500 plugins on one host: they start, end with a host that is killed, start again, and end in order.
import { soakTests } from "../soak-tests.mjs";

soakTests(["--timeout", "900000", "./packages/server/tests/many-plugins.soak.ts"]);
