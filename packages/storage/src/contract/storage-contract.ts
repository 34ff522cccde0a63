import { describe } from "bun:test";
import { accountContract } from "./account-contract.ts";
import { durabilityContract } from "./durability-contract.ts";
import { eventContract } from "./event-contract.ts";
import type { MakeFixture } from "./fixture.ts";
import { kvContract } from "./kv-contract.ts";
import { kvListContract } from "./kv-list-contract.ts";
import { lifecycleContract } from "./lifecycle-contract.ts";
import { sessionContract } from "./session-contract.ts";
import { tokenContract } from "./token-contract.ts";

/** Everything that an engine must do. */
export function storageContract(engine: string, make: MakeFixture): void {
  describe(engine, () => {
    lifecycleContract(make);
    kvContract(make);
    kvListContract(make);
    durabilityContract(make);
    eventContract(make);
    accountContract(make);
    sessionContract(make);
    tokenContract(make);
  });
}
