// Stands for a plugin that appends to its log by itself: whole lines and lines in two halves.
import { closeSync, openSync, writeSync } from "node:fs";

const [, , path = "", count = "0", mode = ""] = process.argv;
const held = mode === "halves" ? openSync(path, "a") : null;

for (let index = 0; index < Number(count); index += 1) {
  const line = `{"timestamp":"${new Date().toISOString()}","level":"INFO","message":"own ${index}"}\n`;
  const file = held ?? openSync(path, "a");
  const half = mode === "halves" ? Math.floor(line.length / 2) : line.length;
  writeSync(file, line.slice(0, half));
  if (mode === "halves" && index % 10 === 0) await Bun.sleep(5);
  if (half < line.length) writeSync(file, line.slice(half));
  if (held === null) closeSync(file);
}
if (held !== null) closeSync(held);
