import { expect, test } from "bun:test";
import { webAddressOf } from "./web-address.ts";

test("only http and https become a link", () => {
  expect(webAddressOf("https://example.org/a b")).toBe("https://example.org/a%20b");
  expect(webAddressOf(" HTTP://example.org")).toBe("http://example.org/");
  for (const text of ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "/path", "example.org", ""])
    expect(webAddressOf(text)).toBeNull();
});
