import { cpus, loadavg, release, totalmem } from "node:os";
import { outputOf } from "../forward/machine.ts";

/** What the figures were measured on and with, as lines of text. */
export async function machine(executable: string): Promise<string[]> {
  const processors = cpus();
  const [lastMinute = 0] = loadavg();
  const versions = [
    [executable, "--version"],
    ["cargo", "--version"],
    ["python3", "--version"],
    ["node", "--version"],
  ].map(async (command) => (await outputOf(command)).replace(/ \(.*\)$/, "").replace(/^v/, "Node "));
  return [
    `${new Date().toISOString().slice(0, 10)}, load average before the run ${lastMinute.toFixed(2)}`,
    `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}, ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}`,
    (await Promise.all(versions)).join(", "),
  ];
}
