import { check } from "../exam-failure.ts";
import { describeEnd, type RunningPlugin } from "../subject/running-plugin.ts";

/** An end because of a lost connection may come a moment behind it. */
const END_MS = 200;

/** Fails where the process ends, as it must not because a connection does. */
export async function stays(plugin: RunningPlugin): Promise<void> {
  const end = await plugin.endedWithin(END_MS);
  check(end === null, () => (end === null ? "" : describeEnd(end)));
}
