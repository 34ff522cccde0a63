import { writeSync } from "node:fs";
import { openStorage } from "../../open-storage.ts";

// Stores key after key and prints each once it was answered as stored, until somebody kills this process.
const [url = ""] = process.argv.slice(2);
const { kv } = await openStorage(url);
for (let index = 0; ; index++) {
  const key = `key-${index}`;
  await kv.set("acme", key, `value of ${key}`);
  writeSync(1, `${key}\n`);
}
