import { expect, test } from "bun:test";
import { AllowedHosts, isHostName } from "./allowed-hosts.ts";

test("IP addresses, localhost and the given names are allowed, with any port; nothing else is", () => {
  const hosts = new AllowedHosts(["Panel.example.org", "*.lan"]);
  const allowed = [
    "127.0.0.1:3000",
    "192.0.2.7",
    "[::1]:3000",
    "[2001:db8::1]",
    "localhost",
    "LOCALHOST:3000",
    "a.localhost",
  ];
  allowed.push("panel.example.org", "panel.EXAMPLE.org.:443", "nas.lan:80", "a.b.lan", "");
  for (const host of [...allowed, ...allowed]) expect([host, hosts.allows(host)]).toEqual([host, true]);
  expect(hosts.allows(null)).toBe(true);
  const strange = [
    "example.org",
    "evil.panel.example.org",
    "panel.example.org.evil.example",
    "lan",
    "evillan",
    "evil.example",
  ];
  strange.push(
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "1.2.3",
    "[evil.example]",
    "[",
    "evil.example:1:2",
    "127.0.0.1@evil.example",
    "evil.example, nas.lan",
    "127.0.0.1, evil.example",
  );
  for (const host of strange) expect([host, hosts.allows(host)]).toEqual([host, false]);
});

test("names are told from what is none", () => {
  for (const name of ["panel", "panel.example.org", "*.example.org", "xn--bcher-kva.example", "my_host"])
    expect([name, isHostName(name)]).toEqual([name, true]);
  for (const name of ["", "*", "*.", "a..b", "https://a.example", "a.example:80", "-a", "a b", "*.*.a", "żółw.example"])
    expect([name, isHostName(name)]).toEqual([name, false]);
});
