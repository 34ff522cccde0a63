import { expect, test } from "bun:test";
import {
  MAX_BODY_BYTES,
  MAX_HEADER_CHARACTERS,
  MAX_PATH_CHARACTERS,
  MAX_VALUE_CHARACTERS,
  readFrameMessage,
} from "./read-frame-message.ts";

const FETCH = { type: "fetch", id: 1, path: "/x", method: "GET", headers: [["a", "b"]], body: null };
const FAILURE = { stage: "mount", message: "broken", details: null };

test("each kind of message is read, and nothing that it has beside its own fields", () => {
  const body = new ArrayBuffer(3);
  for (const message of [
    FETCH,
    { ...FETCH, body },
    { type: "kv", id: 2, action: "get", key: "k" },
    { type: "kv", id: 2, action: "set", key: "k", value: "" },
    { type: "kv", id: 2, action: "list", query: { prefix: "p", after: "a", limit: 3 } },
    { type: "cancel", id: 2 },
    { type: "toast", message: "Saved", kind: "success" },
    { type: "navigate", path: "disks" },
    { type: "started" },
    { type: "failed", failure: FAILURE },
    { type: "unmounted", failure: null },
    { type: "unmounted", failure: FAILURE },
  ]) {
    expect(readFrameMessage({ ...message, extra: 1 }) as unknown).toEqual(message);
  }
  expect(readFrameMessage({ type: "toast", message: "x", kind: "constructor" })).toMatchObject({ kind: "info" });
});

test("what has another form is invalid, with the call that it was meant to be", () => {
  for (const fields of [
    { path: 1 },
    { path: "/".repeat(MAX_PATH_CHARACTERS + 1) },
    { method: null },
    { method: "X".repeat(21) },
    { headers: {} },
    { headers: [["a"]] },
    { headers: [["a", 1]] },
    { headers: [["a", "x".repeat(MAX_HEADER_CHARACTERS)]] },
    { body: "text" },
    { body: new ArrayBuffer(MAX_BODY_BYTES + 1) },
  ]) {
    expect(readFrameMessage({ ...FETCH, ...fields })).toMatchObject({ type: "invalid", id: 1 });
  }
  for (const fields of [
    { action: "clear" },
    { action: "get" },
    { action: "get", key: "k".repeat(513) },
    { action: "set", key: "k" },
    { action: "set", key: "k", value: "x".repeat(MAX_VALUE_CHARACTERS + 1) },
    { action: "list" },
    { action: "list", query: { limit: "1" } },
    { action: "list", query: { prefix: {} } },
  ]) {
    expect(readFrameMessage({ type: "kv", id: 7, ...fields })).toMatchObject({ type: "invalid", id: 7 });
  }
});

test("what is no message at all belongs to no call", () => {
  for (const data of [
    null,
    undefined,
    1,
    "fetch",
    [],
    {},
    { type: "answer", id: "1" },
    { ...FETCH, id: Number.NaN },
    { type: "toast", message: "x".repeat(501) },
    { type: "navigate" },
    { type: "failed", failure: { ...FAILURE, stage: "other" } },
    { type: "failed", failure: { ...FAILURE, message: "x".repeat(1_001) } },
    { type: "unmounted" },
  ]) {
    expect(readFrameMessage(data)).toMatchObject({ type: "invalid", id: null });
  }
});
