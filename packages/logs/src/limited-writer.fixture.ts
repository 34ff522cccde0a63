import { openLogStore } from "./open-log-store.ts";

const [, , directory = ""] = process.argv;
const store = await openLogStore({ directory });
const writer = store.plugin("acme");
for (let index = 0; index < 1_000; index += 1) await writer.write({ level: "info", message: `line ${index}` });
await writer.flush();
console.log(JSON.stringify({ lost: store.lost }));
// The note of the loss has no room either.
await store.close();
