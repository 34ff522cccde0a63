import { expect, test } from "bun:test";
import { pluginResponse } from "./plugin-response.ts";

function responseTo(method: string, headers: Record<string, string | string[]>): Response {
  const result = pluginResponse({ status: 200, headers, body: null }, method);
  if (!result.ok) throw new Error(result.reason);
  return result.response;
}

test("hop-by-hop headers end here, and so do those that Connection names", () => {
  const response = responseTo("GET", {
    connection: ["keep-alive, X-One", "x-two"],
    "x-one": "1",
    "x-two": "2",
    "keep-alive": "timeout=5",
    "transfer-encoding": "chunked",
    trailer: "x",
    upgrade: "h2c",
    "proxy-authenticate": "Basic",
    "x-three": "3",
  });
  expect([...response.headers]).toEqual([["x-three", "3"]]);
});

test("a content-length that is none is not passed on to HEAD", () => {
  expect(responseTo("HEAD", { "content-length": "12" }).headers.get("content-length")).toBe("12");
  expect(responseTo("HEAD", { "content-length": "twelve" }).headers.get("content-length")).toBeNull();
  expect(responseTo("HEAD", { "content-length": ["1", "2"] }).headers.get("content-length")).toBeNull();
});
