import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** When each plugin was first healthy, by the supervisor's log: milliseconds since the epoch, by id. */
export async function readyTimes(folder: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const line of (await readFile(join(folder, "logs/plugin-supervisor.log"), "utf8")).trimEnd().split("\n")) {
    const { timestamp, plugin, fields } = JSON.parse(line) as {
      timestamp: string;
      plugin: string;
      fields?: { status?: string };
    };
    if (fields?.status === "running" && !times.has(plugin)) times.set(plugin, Date.parse(timestamp));
  }
  return times;
}
