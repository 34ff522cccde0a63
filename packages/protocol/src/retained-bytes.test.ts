import { expect, test } from "bun:test";
import { release, retain } from "./retained-bytes.ts";

const LARGE = 64 * 1024;

test("memory that several views share is given back with the last of them", () => {
  const chunk = new Uint8Array(LARGE);
  const views = [chunk.subarray(0, 10), chunk.subarray(10)];
  for (const view of [chunk, ...views]) retain(view);
  for (const view of views) release(view);
  expect(chunk.length).toBe(LARGE);
  release(chunk);
  expect([chunk, ...views].map(({ length }) => length)).toEqual([0, 0, 0]);
});

test("memory that was not retained is nobody else's to give back", () => {
  const chunk = new Uint8Array(LARGE);
  release(chunk);
  expect(chunk.length).toBe(LARGE);
});

test("small buffers, which strangers share, stay as they are", () => {
  const pooled = Buffer.from("one of many in Node's pool");
  retain(pooled);
  release(pooled);
  expect(pooled.toString()).toBe("one of many in Node's pool");
});
