import { expect, test } from "bun:test";
import {
  readCookie,
  sessionCookie,
  sessionCookieName,
  withoutSessionCookie,
  setsSessionCookie,
} from "./session-cookie.ts";

test("the cookie is read by its whole name", () => {
  expect(readCookie("a=1; toru_session=x; b=2", "toru_session")).toBe("x");
  expect(readCookie("toru_session=", "toru_session")).toBe("");
  expect(readCookie("xtoru_session=x; toru_session2=y", "toru_session")).toBeNull();
});

test("both names of the host's cookie are taken off, all others stay as they are", () => {
  expect(withoutSessionCookie("a=1;b = 2")).toBe("a=1;b = 2");
  expect(withoutSessionCookie("toru_session=x")).toBeNull();
  expect(withoutSessionCookie("toru_session =x; __Host-toru_session=y; toru_session")).toBeNull();
  expect(withoutSessionCookie("a=1; toru_session=x; my_toru_session=3")).toBe("a=1; my_toru_session=3");
});

test("over https the cookie has the prefix that binds it to the host", () => {
  expect(sessionCookieName(true)).toBe("__Host-toru_session");
  expect(sessionCookie("t", true)).toBe(
    "__Host-toru_session=t; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure",
  );
  expect(sessionCookie("t", false)).not.toContain("Secure");
});

test("whatever would set the host's cookie is recognised, in any spelling", () => {
  const own = [
    "toru_session=x",
    "  toru_session =x; Path=/plugins/a",
    "TORU_SESSION=x",
    "__Host-toru_session=x; Secure; Path=/",
  ];
  own.push(
    "__HOST-Toru_Session=x",
    "=toru_session=x",
    " = =__host-toru_session=x",
    "toru_session",
    "toru_session; Domain=example.org",
  );
  own.push("\ttoru_session\t=x", "\u00a0toru_session=x", "toru_session=");
  for (const header of own) expect([header, setsSessionCookie(header)]).toEqual([header, true]);
  const others = [
    "a=toru_session=x",
    "toru_sessions=x",
    "my_toru_session=x",
    "a=b; toru_session=x",
    "__Host-other=x",
    "",
  ];
  for (const header of others) expect([header, setsSessionCookie(header)]).toEqual([header, false]);
});

test("a cookie whose name only looks like the host's is none", () => {
  for (const header of ["\u00a0toru_session=x", "=toru_session=x", "Toru_session=x", "toru_session =x"])
    expect([header, readCookie(header, "toru_session")]).toEqual([header, null]);
});
