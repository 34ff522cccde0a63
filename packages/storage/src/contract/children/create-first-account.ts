import { openStorage } from "../../open-storage.ts";

// Waits for a line on stdin, then opens the database and tries many times at once; prints how many have succeeded.
const ATTEMPTS = 20;
const [url = "", name = ""] = process.argv.slice(2);

process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));

const storage = await openStorage(url);
const attempts = Array.from({ length: ATTEMPTS }, (_, index) =>
  storage.accounts.createFirstAccount({
    username: `${name}-${index}`,
    role: "admin",
    passwordHash: "hash",
    createdAt: index,
  }),
);
const accounts = await Promise.all(attempts);
await storage.close();
process.stdout.write(`${accounts.filter((account) => account !== null).length}\n`);
process.exit(0);
