import type { ChangeFeed } from "./change-feed.ts";
import { formatEvent, type EventStream } from "./event-stream.ts";

/**
 * Sends the changes behind a cursor, or from now on. A reader that is too far behind gets `reset`: it must load the list
 * again. `hello` says that all changes up to its cursor were sent.
 */
export async function streamChanges(
  feed: ChangeFeed,
  behind: string | null,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  let cursor = behind ?? feed.cursor;
  let isGreeted = false;
  while (!signal.aborted) {
    const missed = feed.since(cursor);
    cursor = feed.cursor;
    if (missed === null) stream.send(formatEvent({ name: "reset", id: cursor, data: JSON.stringify({ cursor }) }));
    for (const event of missed ?? []) {
      stream.send(event);
      await stream.room();
    }
    if (!isGreeted) stream.send(formatEvent({ name: "hello", id: cursor, data: JSON.stringify({ cursor }) }));
    isGreeted = true;
    await feed.changed(cursor, signal);
  }
}
