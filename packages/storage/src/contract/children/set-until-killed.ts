import { writeSync } from "node:fs";
import { openStorage } from "../../open-storage.ts";

// Stores key after key, several at a time, and prints each once it was answered as stored, until somebody kills this process.
const IN_FLIGHT = 16;
const [url = "", prefix = ""] = process.argv.slice(2);
const { kv } = await openStorage(url);
let next = 0;

async function storeOneAfterAnother(plugin: string): Promise<never> {
  for (;;) {
    const key = `${prefix}-${next++}`;
    await kv.set(plugin, key, `value of ${key}`);
    writeSync(1, `${plugin} ${key}\n`);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => storeOneAfterAnother(`plugin-${index % 4}`)));
