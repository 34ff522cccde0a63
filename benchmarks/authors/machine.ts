import { describeHardware, outputOf } from "../forward/machine.ts";

/** What the figures were measured on and with, as lines of text. */
export async function machine(executable: string): Promise<string[]> {
  const versions = [
    [executable, "--version"],
    ["cargo", "--version"],
    ["python3", "--version"],
    ["node", "--version"],
  ].map(async (command) => (await outputOf(command)).replace(/ \(.*\)$/, "").replace(/^v/, "Node "));
  return [...describeHardware(), (await Promise.all(versions)).join(", ")];
}
