import { expect, test } from "bun:test";
import { rawRequest } from "../testing/raw-client.ts";
import { TestHost } from "../testing/test-host.ts";

function get(host: TestHost, name: string, path: string, more = "") {
  return rawRequest(host.port, `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${more}\r\n`);
}

test("a name that a stranger may have pointed here is refused on every path, with the setting that allows it", async () => {
  await using host = await TestHost.start({ allowedHosts: ["panel.example.org"] });
  const { cookie } = await host.session("admin");
  for (const path of ["/", "/api/plugins", "/plugins/acme/x", "/healthz", "/no-such-page", "/api/events"]) {
    const refused = await get(host, "rebound.evil.example:3000", path, `Cookie: ${cookie}\r\n`);
    expect([path, refused.status]).toEqual([path, 421]);
    const { type, detail } = JSON.parse(refused.body) as { type: string; detail: string };
    expect(type).toBe("/problems/unknown-host");
    expect(detail).toContain("TORU_ALLOWED_HOSTS=rebound.evil.example ");
  }
  expect(host.plugins.received).toEqual([]);
});

test("the names that are given, IP addresses and localhost are served", async () => {
  await using host = await TestHost.start({ allowedHosts: ["panel.example.org"] });
  for (const name of [
    "panel.example.org",
    "Panel.Example.Org:8443",
    "127.0.0.1:3000",
    "[::1]",
    "localhost:1",
    "192.0.2.7",
  ])
    expect([name, (await get(host, name, "/healthz")).status]).toEqual([name, 200]);
});

test("a page of another origin stays another one, although its name is allowed", async () => {
  await using host = await TestHost.start({ allowedHosts: ["a.example", "b.example"] });
  const { cookie } = await host.session("admin");
  const post = (origin: string) =>
    rawRequest(
      host.port,
      `POST /api/plugins/acme/enable HTTP/1.1\r\nHost: a.example\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  expect((await post("https://a.example")).status).toBe(200);
  expect((await post("https://b.example")).status).toBe(403);
});
