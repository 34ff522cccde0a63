import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rawRequest } from "./support/raw-request.ts";
import { TestHost } from "./support/test-host.ts";

type Headers = [string, string][];

let host: TestHost;
let token: string;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "legacy");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("legacy", "running", "healthy");
  token = await host.token("manage");
});

afterAll(() => host[Symbol.asyncDispose]());

/** The headers that arrive at the plugin, for a request with exactly these. */
async function arriving(headers: Headers, path = "/plugins/acme/x"): Promise<Record<string, string | string[]>> {
  const { status, body } = await rawRequest(host.url, { path, headers });
  if (status !== 200) throw new Error(`${status} ${body.toString()}`);
  return (JSON.parse(body.toString()) as { headers: Record<string, string | string[]> }).headers;
}

function session(): [string, string] {
  return ["Cookie", host.cookie];
}

describe("Plugin Routes: headers of a request", () => {
  test("the client's own arrive, with names in lower case", async () => {
    const headers = await arriving([
      session(),
      ["X-Custom", "one, two"],
      ["Accept", "text/x"],
      ["If-None-Match", '"e"'],
    ]);
    expect(headers).toMatchObject({ "x-custom": "one, two", accept: "text/x", "if-none-match": '"e"' });
  });

  test("hop-by-hop headers are taken off, and those that Connection names", async () => {
    const headers = await arriving([
      session(),
      ["Connection", "close, X-Private"],
      ["X-Private", "1"],
      ["Keep-Alive", "timeout=5"],
      ["Proxy-Authorization", "Basic eDp5"],
      ["TE", "trailers"],
      ["Trailer", "X-After"],
      ["X-Kept", "1"],
    ]);
    expect(headers["x-kept"]).toBe("1");
    for (const name of ["connection", "x-private", "keep-alive", "proxy-authorization", "te", "trailer"]) {
      expect(headers, name).not.toHaveProperty(name);
    }
  });

  test.each(["acme", "legacy"])("identity and origin are put on, for %s", async (route) => {
    const headers = await arriving([session(), ["X-Request-Id", "trace-7"]], `/plugins/${route}/x`);
    const { host: name } = new URL(host.url);
    expect(headers).toMatchObject({
      "x-toru-user": "admin",
      "x-toru-role": "admin",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": name,
      "x-request-id": "trace-7",
    });
  });

  test("forged identity is dropped, in any spelling", async () => {
    const headers = await arriving([
      session(),
      ["X-Toru-User", "root"],
      ["x-toru-role", "owner"],
      ["X_Toru_User", "root"],
      ["X-Toru_Role", "owner"],
      ["X-Toru-Anything", "forged"],
      ["X-Forwarded-For", "10.0.0.1"],
      ["X-Forwarded-User", "root"],
      ["X_Forwarded_For", "10.0.0.1"],
      ["X-Real-IP", "10.0.0.1"],
      ["Forwarded", "for=10.0.0.1"],
    ]);
    expect(headers).toMatchObject({ "x-toru-user": "admin", "x-toru-role": "admin", "x-forwarded-for": "127.0.0.1" });
    const forged = Object.entries(headers).filter(([, value]) => /root|owner|forged|10\.0\.0\.1/.test(String(value)));
    expect(forged).toEqual([]);
  });

  test("the host's cookie is taken off, the client's others arrive", async () => {
    const others = await arriving([["Cookie", `a=1; ${host.cookie}; b=toru_session; toru_session2=x`]]);
    expect(others["cookie"]).toBe("a=1; b=toru_session; toru_session2=x");
    expect(await arriving([session()])).not.toHaveProperty("cookie");
  });

  test("the host's token is taken off, a foreign Authorization arrives", async () => {
    const own = await arriving([["Authorization", `Bearer ${token}`]]);
    expect(own).not.toHaveProperty("authorization");
    expect(own).toMatchObject({ "x-toru-user": "admin", "x-toru-role": "admin" });
    for (const foreign of ["Basic dXNlcjpwYXNz", "Bearer eyJhbGciOiJub25lIn0.e30."]) {
      expect(await arriving([session(), ["Authorization", foreign]])).toMatchObject({ authorization: foreign });
    }
  });

  test("a foreign Authorization alone signs nobody in", async () => {
    const { status } = await rawRequest(host.url, {
      path: "/plugins/acme/x",
      headers: [["Authorization", "Basic dXNlcjpwYXNz"]],
    });
    expect(status).toBe(401);
  });

  test("a token that may only read is no admin to the plugin, and may not change anything there", async () => {
    const read: Headers = [["Authorization", `Bearer ${await host.token("read")}`]];
    expect(await arriving(read)).toMatchObject({ "x-toru-user": "admin", "x-toru-role": "user" });
    const post = await rawRequest(host.url, { method: "POST", path: "/plugins/acme/x", headers: read });
    expect(post.status).toBe(403);
  });

  test("a page of another site cannot post through a person's session", async () => {
    for (const origin of ["https://elsewhere.example", "null"]) {
      const headers: Headers = [session(), ["Origin", origin]];
      expect((await rawRequest(host.url, { method: "POST", path: "/plugins/acme/x", headers })).status).toBe(403);
    }
    const headers: Headers = [
      ["Authorization", `Bearer ${token}`],
      ["Origin", "https://elsewhere.example"],
    ];
    expect((await rawRequest(host.url, { method: "POST", path: "/plugins/acme/x", headers })).status).toBe(200);
  });
});

describe("Plugin Routes: headers of an answer", () => {
  test("a header that HTTP cannot carry is 502, and nothing is injected", async () => {
    const { status, headers } = await rawRequest(host.url, { path: "/plugins/acme/bad-header", headers: [session()] });
    expect(status).toBe(502);
    expect(headers.map(([name]) => name)).not.toContain("x-injected");
  });

  test("HEAD has the headers of the answer and no body", async () => {
    const { status, headers, body } = await rawRequest(host.url, {
      method: "HEAD",
      path: "/plugins/acme/headers",
      headers: [session()],
    });
    expect(status).toBe(200);
    expect(headers).toContainEqual(["x-fixture", "acme"]);
    expect(headers.map(([name]) => name)).not.toContain("content-type");
    expect(body).toHaveLength(0);
  });

  test("hop-by-hop headers of the plugin end at the host", async () => {
    await using own = await TestHost.start({
      prepare: (host) => host.installText("hop.binary", HOP_PLUGIN),
    });
    await own.reaches("hop", "running", "healthy");
    const { headers } = await rawRequest(own.url, { path: "/plugins/hop/x", headers: [["Cookie", own.cookie]] });
    const names = headers.map(([name]) => name);
    expect(headers).toContainEqual(["x-kept", "1"]);
    for (const name of ["x-private", "keep-alive", "proxy-authenticate", "upgrade", "trailer"]) {
      expect(names, name).not.toContain(name);
    }
  });
});

/** Answers every request with headers that are about its own connection. */
const HOP_PLUGIN = `#!/usr/bin/env python3
import json, os, socket, struct, sys
if "--metadata" in sys.argv:
    print(json.dumps({"id": "hop", "name": "Hop", "version": "1", "icon": "🐇", "route": "/hop", "protocol": 2}))
    sys.exit()
HEADERS = {"connection": "X-Private", "x-private": "1", "keep-alive": "timeout=9", "proxy-authenticate": "Basic",
           "upgrade": "h2c", "trailer": "x-after", "transfer-encoding": "gzip", "content-length": "999", "x-kept": "1"}
server = socket.socket(socket.AF_UNIX)
server.bind(os.environ["TORU_PLUGIN_SOCKET"])
server.listen()
connection = server.accept()[0].makefile("rwb")
while header := connection.read(4):
    message = json.loads(connection.read(struct.unpack(">I", header)[0]))
    action = message["payload"].get("action")
    if action == "shutdown":
        sys.exit()
    answers = {"init": {"action": "ready", "features": []}, "ping": {"action": "pong"}}
    answer = answers.get(action, {"status": 200, "headers": HEADERS, "body": "hop"})
    reply = json.dumps({**message, "payload": answer}).encode()
    connection.write(struct.pack(">I", len(reply)) + reply)
    connection.flush()
`;
