import type { LogReader } from "@toru/core";
import { formatEvent, type EventStream } from "./event-stream.ts";

/** Sends one event a line; its id resumes behind it. A reader that is slow holds up its own stream only. */
export async function streamLogs(lines: ReturnType<LogReader["follow"]>, stream: EventStream): Promise<void> {
  for await (const { entry, cursor } of lines) {
    stream.send(formatEvent({ id: cursor, data: JSON.stringify(entry) }));
    await stream.room();
  }
  stream.end();
}
