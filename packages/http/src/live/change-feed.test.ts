import { expect, test } from "bun:test";
import { FakePlugins } from "../testing/fake-plugins.ts";
import { ChangeFeed } from "./change-feed.ts";

function feedOf(plugins: FakePlugins, padding = ""): ChangeFeed {
  return new ChangeFeed(plugins, ({ event }) => ({ reason: event?.details["reason"], padding }));
}

test("the events behind a cursor are those that came after it", () => {
  const plugins = new FakePlugins();
  const feed = feedOf(plugins);
  const start = feed.cursor;
  expect(feed.since(start)).toEqual([]);
  plugins.change("one");
  const middle = feed.cursor;
  plugins.change("two");
  expect(feed.since(start)).toHaveLength(2);
  expect(feed.since(middle)).toEqual([`event: plugin\nid: ${feed.cursor}\ndata: {"reason":"two","padding":""}\n\n`]);
});

test("cursors of another run, of the future or of what is not kept are refused", () => {
  const plugins = new FakePlugins();
  const feed = feedOf(plugins);
  const start = feed.cursor;
  expect(feed.since("00000000:0") === null || start.startsWith("00000000")).toBe(true);
  expect(feed.since(start.replace(/\d+$/, "1"))).toBeNull();
  expect(feed.since("nonsense")).toBeNull();
  for (let count = 0; count < 1_001; count += 1) plugins.change("again");
  expect(feed.since(start)).toBeNull();
  expect(feed.since(start.replace(/\d+$/, "1"))).toHaveLength(1_000);
});

test("what is kept is bounded by its size too", () => {
  const plugins = new FakePlugins();
  const feed = feedOf(plugins, "x".repeat(1024 * 1024));
  const start = feed.cursor;
  for (let count = 0; count < 5; count += 1) plugins.change("large");
  expect(feed.since(start)).toBeNull();
  expect(feed.since(start.replace(/\d+$/, "2"))).toHaveLength(3);
});

test("a reader waits for the next change or the end, and is forgotten then", async () => {
  const plugins = new FakePlugins();
  const feed = feedOf(plugins);
  const ended = new AbortController();
  const first = feed.changed(feed.cursor, ended.signal);
  expect(feed.waiting).toBe(1);
  plugins.change("one");
  await first;
  const second = feed.changed(feed.cursor, ended.signal);
  ended.abort();
  await second;
  expect(feed.waiting).toBe(0);
  feed.close();
  expect(plugins.listeners.size).toBe(0);
});
