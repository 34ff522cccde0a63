import { expect, test } from "bun:test";
import { addressBelow, ownHref } from "./own-address.ts";

const HOST = "http://host:3000";

test("an isolated page goes where its own view is, and below", () => {
  for (const [path, href] of [
    ["disks/sda?x=1#top", "/view/acme/disks/sda?x=1#top"],
    ["", "/view/acme/"],
    ["/view/acme", "/view/acme"],
    ["/view/acme?x", "/view/acme?x"],
    [`${HOST}/view/acme/a/../b`, "/view/acme/b"],
  ] as const) {
    expect(ownHref("acme", path, HOST)).toBe(href);
  }
});

test("and nowhere else", () => {
  for (const path of [
    "/",
    "/view/acme2",
    "/view/other/acme",
    "..",
    "../acme-2/x",
    "%2e%2e/%2E%2E/account",
    "\\..\\..\\account",
    "//evil.example/view/acme/",
    "https://evil.example/view/acme/",
    "http://host:3000@evil.example/view/acme/",
    "javascript:alert(1)",
    "blob:http://host:3000/view/acme/",
  ]) {
    expect(() => ownHref("acme", path, HOST)).toThrow(TypeError);
  }
});

test("what is below the page's own address", () => {
  expect(addressBelow(new URL(`${HOST}/view/acme/disks/sda?x=1`))).toBe("disks/sda?x=1");
  expect(addressBelow(new URL(`${HOST}/view/acme`))).toBe("");
});
