import { expect, test } from "bun:test";
import { parseSignInSearch } from "./sign-in-search.ts";

test("a path of the panel is where the sign-in leads to", () => {
  for (const next of ["/", "/account", "/plugins-manager?q=a%20b", "/view/acme/deep/page?x=1#y", "/logs/a?next=//b"]) {
    expect(parseSignInSearch({ next })).toEqual({ next });
  }
});

test("an address that would leave the panel is not taken", () => {
  const others = [
    "https://example.com/",
    "//example.com",
    "/\\example.com",
    "\\\\example.com",
    "/\t/example.com",
    "/\n//example.com",
    "/.//example.com",
    "/x/..//example.com",
    "//",
    "javascript:alert(1)",
    "account",
    "",
    ["/account"],
    undefined,
  ];
  for (const next of others) expect(parseSignInSearch({ next })).toEqual({ next: undefined });
});
