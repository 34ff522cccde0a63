import { expect, test } from "bun:test";
import type { ServerPort } from "../http-options.ts";
import { isNetwork, TrustedProxies } from "./trusted-proxies.ts";

function clientOf(peer: string, headers: Record<string, string>, networks: string[]) {
  const server = { requestIP: () => (peer === "" ? null : { address: peer }) } as unknown as ServerPort;
  return new TrustedProxies(networks).clientOf(server, new Request("http://panel.example/", { headers }));
}

test("without proxies nobody's word counts but the connection's", () => {
  const forged = { "x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https" };
  expect(clientOf("127.0.0.1", forged, [])).toEqual({ address: "127.0.0.1", proto: "http" });
  expect(clientOf("::ffff:192.0.2.7", forged, [])).toEqual({ address: "192.0.2.7", proto: "http" });
  expect(clientOf("192.0.2.7", forged, ["10.0.0.0/8"])).toEqual({ address: "192.0.2.7", proto: "http" });
  expect(clientOf("", forged, ["127.0.0.1"])).toEqual({ address: null, proto: "http" });
});

test("of a trusted proxy the right-most address that is no proxy counts, whatever the client wrote before it", () => {
  const networks = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"];
  const behind = (peer: string, list: string) => clientOf(peer, { "x-forwarded-for": list }, networks).address;
  expect(behind("127.0.0.1", "192.0.2.7")).toBe("192.0.2.7");
  expect(behind("::ffff:127.0.0.1", "1.1.1.1, 192.0.2.7")).toBe("192.0.2.7");
  expect(behind("127.0.0.1", "1.1.1.1,192.0.2.7, 10.1.2.3 , fd12::3")).toBe("192.0.2.7");
  expect(behind("127.0.0.1", "10.9.9.9, 10.1.2.3")).toBe("10.9.9.9");
  expect(behind("127.0.0.1", "[2001:db8::1]:4711")).toBe("2001:db8::1");
  expect(behind("127.0.0.1", "192.0.2.7:4711")).toBe("192.0.2.7");
  expect(behind("127.0.0.1", "9.9.9.9, unknown")).toBe("127.0.0.1");
  expect(behind("127.0.0.1", "9.9.9.9, not an address, 10.1.2.3")).toBe("10.1.2.3");
  expect(behind("127.0.0.1", "")).toBe("127.0.0.1");
  expect(behind("127.0.0.1", "10.0.0.1,".repeat(5000) + "192.0.2.7")).toBe("192.0.2.7");
});

test("of a trusted proxy the scheme counts, of others none", () => {
  const protoOf = (peer: string, proto: string) => clientOf(peer, { "x-forwarded-proto": proto }, ["127.0.0.1"]).proto;
  expect(protoOf("127.0.0.1", "https")).toBe("https");
  expect(protoOf("127.0.0.1", "http, HTTPS")).toBe("https");
  expect(protoOf("127.0.0.1", "gopher")).toBe("http");
  expect(protoOf("192.0.2.7", "https")).toBe("http");
});

test("networks are told from anything else", () => {
  for (const text of ["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "2001:db8::/128"])
    expect([text, isNetwork(text)]).toEqual([text, true]);
  for (const text of [
    "",
    "localhost",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "fd00::/129",
    "::1/8/8",
    "fe80::1%eth0",
    "1.2.3.4/-1",
  ])
    expect([text, isNetwork(text)]).toEqual([text, false]);
});
