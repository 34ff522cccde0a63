import { storageContract } from "../contract/storage-contract.ts";
import { makeSqliteFixture } from "./sqlite-fixture.ts";

storageContract("sqlite", makeSqliteFixture);
