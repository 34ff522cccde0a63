import { expect, test } from "bun:test";
import { EventStream, formatEvent } from "./event-stream.ts";

test("an event has its name, id and data", () => {
  expect(formatEvent({ name: "plugin", id: "a:1", data: "{}" })).toBe("event: plugin\nid: a:1\ndata: {}\n\n");
  expect(formatEvent({ data: "{}" })).toBe("data: {}\n\n");
});

test("what is sent before and after the reader asks arrives in order", async () => {
  const stream = new EventStream(() => {});
  stream.send("a");
  stream.send("b");
  const reader = stream.body.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe("ab");
  const next = read();
  stream.send("c");
  expect(await next).toBe("c");
});

test("a reader that leaves too much unread is not waited for any longer", async () => {
  let ends = 0;
  const stream = new EventStream(() => (ends += 1));
  for (let count = 0; count < 20; count += 1) stream.send("x".repeat(100_000));
  expect(ends).toBe(1);
  expect((await stream.body.getReader().read()).done).toBe(true);
  stream.end();
  expect(ends).toBe(1);
});

test("the source is held up until the reader takes what waits", async () => {
  const stream = new EventStream(() => {});
  stream.send("x");
  expect(stream.room()).toBeNull();
  stream.send("x".repeat(100_000));
  const room = stream.room();
  expect(room).not.toBeNull();
  expect(stream.unreadMs).toBeGreaterThan(0);
  await stream.body.getReader().read();
  await room;
  expect(stream.room()).toBeNull();
  expect(stream.unreadMs).toBe(0);
});

test("a reader that goes away ends it", async () => {
  let ends = 0;
  const stream = new EventStream(() => (ends += 1));
  const reader = stream.body.getReader();
  const pending = reader.read();
  await reader.cancel();
  expect((await pending).done).toBe(true);
  expect(ends).toBe(1);
});
