import { expect, test } from "bun:test";
import { isInert } from "./document-policy.ts";

test("types of which no browser makes a document with scripts are inert, whatever their parameters and case", () => {
  const inert = ["application/json", "Text/Plain; charset=utf-8", "text/javascript", "text/css", "image/png"];
  inert.push("video/mp4", "font/woff2", "application/problem+json", "text/event-stream", "application/octet-stream ");
  expect(inert.filter((type) => !isInert(type))).toEqual([]);
});

test("all others may be documents", () => {
  const others = [
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "application/xhtml+xml",
    "image/svg+xml",
    "image/SVG",
    "text/xml",
    "application/xml",
  ];
  others.push(
    "application/atom+xml",
    "text/xsl",
    "multipart/x-mixed-replace; boundary=x",
    "message/rfc822",
    "unknown/unknown",
    "*/*",
    "text",
    "",
  );
  others.push(
    "text/plain, text/html",
    "text/plain;charset=x,text/html",
    "application/x-unheard-of",
    "image/png/html",
    "text/html;text/plain",
  );
  expect(others.filter(isInert)).toEqual([]);
  expect(isInert(null)).toBe(false);
});
