import { expect, test } from "bun:test";
import { originOf } from "./same-origin.ts";

const CASES: [string, Record<string, string>, boolean, "same" | "cross" | "unknown"][] = [
  ["own origin", { origin: "http://h:1", host: "h:1" }, false, "same"],
  ["case of the host does not matter", { origin: "http://H:1", host: "h:1" }, false, "same"],
  ["https in front of a proxy", { origin: "https://h", host: "h" }, false, "same"],
  ["http where only https is used", { origin: "http://h", host: "h" }, true, "cross"],
  ["another port", { origin: "http://h:2", host: "h:1" }, false, "cross"],
  ["a longer name", { origin: "http://h.evil.example", host: "h" }, false, "cross"],
  ["an opaque origin", { origin: "null", host: "h" }, false, "cross"],
  ["no host", { origin: "http://" }, false, "cross"],
  [
    "an origin counts more than what the browser says of the site",
    { origin: "http://x", host: "h", "sec-fetch-site": "same-origin" },
    false,
    "cross",
  ],
  ["a page of the host by the site header", { host: "h", "sec-fetch-site": "same-origin" }, false, "same"],
  ["a neighbour", { host: "h", "sec-fetch-site": "same-site" }, false, "cross"],
  ["no browser", { host: "h" }, false, "unknown"],
];

test.each(CASES)("%s", (_, headers, secure, expected) => {
  expect(originOf(new Headers(headers), secure)).toBe(expected);
});
