import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@toru/http-api";
import { rawRequest } from "./support/raw-request.ts";
import { TestHost } from "./support/test-host.ts";

interface Echo {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "certificates", { route: "/acme" });
      await host.install("v1-direct", "legacy");
      await host.install("v2", "idle");
    },
  });
  await host.reaches("certificates", "running", "healthy");
  await host.reaches("legacy", "running", "healthy");
  await host.reaches("idle", "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

/** The path that arrives at the plugin, for a request line with exactly this path. */
async function arrives(path: string): Promise<string> {
  const { status, body } = await rawRequest(host.url, { path, headers: [["Cookie", host.cookie]] });
  if (status !== 200) throw new Error(`${path}: ${status} ${body.toString()}`);
  return (JSON.parse(body.toString()) as Echo).path;
}

describe("Plugin Routes", () => {
  test.each([
    ["/plugins/acme/certificate", "/acme/certificate"],
    ["/plugins/acme/certificate?x=1", "/acme/certificate?x=1"],
    ["/plugins/acme", "/acme"],
    ["/plugins/acme/", "/acme/"],
    ["/plugins/acme?x=1", "/acme?x=1"],
    ["/plugins/ACME/Certificate", "/ACME/Certificate"],
    ["/plugins/acme/a//b", "/acme/a//b"],
    ["/plugins/acme/a%2Fb%20c%C3%A4%25", "/acme/a%2Fb%20c%C3%A4%25"],
    ["/plugins/acme/x?a=1&a=2&b=%26%3D&c=%2F&d&e=a+b?c", "/acme/x?a=1&a=2&b=%26%3D&c=%2F&d&e=a+b?c"],
    ["/plugins/acme/:;@!$'()*,~", "/acme/:;@!$'()*,~"],
    ["/plugins/legacy/x?y=%2F", "/legacy/x?y=%2F"],
  ])("Register plugin routes: the full path is passed on, %s", async (sent, expected) => {
    expect(await arrives(sent)).toBe(expected);
  });

  test.each([
    ["/api/plugins/route/acme/certificate?x=1", "/certificate?x=1"],
    ["/api/plugins/route/acme", "/"],
    ["/api/plugins/route/acme/", "/"],
    ["/api/plugins/route/acme?x=1", "/?x=1"],
    ["/api/plugins/route/acme/acme/x", "/acme/x"],
    ["/api/plugins/route/acme/a%2Fb", "/a%2Fb"],
    ["/api/plugins/route/legacy/x?y=1", "/x?y=1"],
  ])("Register plugin routes: the second prefix passes on the rest of the path, %s", async (sent, expected) => {
    expect(await arrives(sent)).toBe(expected);
  });

  test.each([
    "/plugins/acm",
    "/plugins/acmes/x",
    "/plugins/certificates/x",
    "/plugins/%61cme/x",
    "/plugins/",
    "/plugins//x",
  ])("a route that no plugin has is 404: %s", async (path) => {
    const { status } = await rawRequest(host.url, { path, headers: [["Cookie", host.cookie]] });
    expect(status).toBe(404);
  });

  test("every method arrives as it is, at both prefixes", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      for (const prefix of ["/plugins/", "/api/plugins/route/"]) {
        const echo = await host.json<Echo>(`${prefix}acme/thing`, { method });
        expect(echo).toMatchObject({ method, body: null });
      }
    }
    for (const prefix of ["/plugins/", "/api/plugins/route/"]) {
      const head = await host.fetch(`${prefix}acme/thing`, { method: "HEAD" });
      expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([200, "application/json", ""]);
    }
  });

  test.each([
    ["text", "plain text"],
    ["unicode", "Grüße, 日本語, 👋🏽, \u0000 and \u2028"],
    ["a byte order mark", "\ufeffbehind the mark"],
    ["a large text", "x".repeat(3_000_000)],
  ])("a body of %s reaches plugins of both versions unchanged", async (_name, body) => {
    const headers = { "content-type": "text/plain; charset=utf-8" };
    for (const route of ["acme", "legacy"]) {
      const echo = await host.json<Echo>(`/plugins/${route}/thing`, { method: "POST", body, headers });
      expect(echo.body === body, `${route} got the body`).toBe(true);
    }
    const back = await host.fetch("/plugins/acme/echo-bytes", { method: "POST", body, headers });
    expect(Buffer.from(await back.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
    expect(back.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });

  test("a binary body goes through version 2 both ways, and is 415 for version 1", async () => {
    const init = { method: "POST", body: ALL_BYTES, headers: { "content-type": "application/octet-stream" } };
    const back = await host.fetch("/plugins/acme/echo-bytes", init);
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(ALL_BYTES);
    const refused = await host.fetch("/plugins/legacy/thing", init);
    expect(refused.status).toBe(415);
    expect(await refused.json()).toMatchObject({ type: "/problems/body-not-text", status: 415, plugin: "legacy" });
  });

  test("a body that comes in chunks of unknown length arrives whole", async () => {
    const chunked = Buffer.from("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
    const headers: [string, string][] = [
      ["Cookie", host.cookie],
      ["Origin", host.url],
      ["Transfer-Encoding", "chunked"],
    ];
    const answer = await rawRequest(host.url, { method: "POST", path: "/plugins/acme/x", headers, body: chunked });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ body: "hello, world" });
  });

  test("Plugin returns HTTP response: status, headers and body reach the client", async () => {
    const response = await host.fetch("/plugins/acme/binary");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(ALL_BYTES);
  });

  test("Plugin returns HTTP response: repeated set-cookie stays repeated, and no header is invented", async () => {
    const { headers, body } = await rawRequest(host.url, {
      path: "/plugins/acme/headers",
      headers: [["Cookie", host.cookie]],
    });
    const byHttp = new Set(["date", "content-length", "transfer-encoding", "connection"]);
    const sent = headers.filter(([name]) => !byHttp.has(name)).map(([name, value]) => `${name}: ${value}`);
    // Without a type it may be a document.
    const policy =
      "content-security-policy: sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";
    expect(sent.sort()).toEqual([policy, "set-cookie: a=1", "set-cookie: b=2; Path=/", "x-fixture: certificates"]);
    expect(body.toString()).toBe("headers");
  });

  test("Plugin returns HTTP response: every status from 200 to 599 comes back as it is", async () => {
    const statuses = Array.from({ length: 400 }, (_, index) => 200 + index);
    while (statuses.length > 0) {
      const batch = statuses.splice(0, 20);
      const answers = await Promise.all(
        batch.map(async (status) => {
          const response = await host.fetch(`/plugins/acme/status/${status}`, { redirect: "manual" });
          return [response.status, await response.text()];
        }),
      );
      const hasBody = (status: number) => ![204, 205, 304].includes(status);
      expect(answers).toEqual(batch.map((status) => [status, hasBody(status) ? `status ${status}` : ""]));
    }
  });

  test.each([99, 101, 199, 600, 0, -1])("Handle plugin error: the status %d is 502", async (status) => {
    const response = await host.fetch(`/plugins/acme/bad-status?status=${status}`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ type: "/problems/plugin-bad-answer", plugin: "certificates" });
  });

  test("Disabled plugin routes: both prefixes are 404 until it is enabled again", async () => {
    expect((await host.fetch("/plugins/idle/x")).status).toBe(200);
    await host.post("/api/plugins/idle/disable");
    await host.reaches("idle", "disabled");
    for (const path of ["/plugins/idle", "/plugins/idle/x", "/api/plugins/route/idle/x"]) {
      const response = await host.fetch(path);
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(((await response.json()) as Problem).type).toBe("/problems/no-such-route");
    }
    await host.post("/api/plugins/idle/enable");
    await host.reaches("idle", "running", "healthy");
    expect((await host.fetch("/plugins/idle/x")).status).toBe(200);
  });
});
