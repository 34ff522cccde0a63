import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect as connectPlain } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import { ADMIN_PASSWORD, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const NAME = "panel.example.org";
const ORIGIN = `https://${NAME}`;
/** As a proxy on the same machine writes them. */
const FROM_PROXY = { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" };
const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const openssl = Bun.which("openssl");
if (openssl === null) console.warn("behind-tls.test.ts: SKIPPED, for there is no openssl to make a certificate");

/** Ends TLS and passes the bytes on. */
function tlsInFrontOf(port: number): Server {
  const key = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${NAME}`,
  ];
  const made = Bun.spawnSync([openssl ?? "", ...key, "-days", "1", "-keyout", "-", "-out", "-"]).stdout.toString();
  const server = createServer({ key: made, cert: made }, (client) => {
    const host = connectPlain({ host: "127.0.0.1", port });
    client.pipe(host).pipe(client);
    for (const [one, other] of [[client, host] as const, [host, client] as const]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  return server.listen(0, "127.0.0.1");
}

describe.skipIf(openssl === null)("Browsers reach the host by https only, through a proxy", () => {
  let host: TestHost;
  let proxy: Server;

  beforeAll(async () => {
    host = await TestHost.start({
      ready: false,
      env: { TORU_HTTPS_ONLY: "true", TORU_ALLOWED_HOSTS: NAME, TORU_TRUSTED_PROXIES: "127.0.0.1" },
      prepare: (host) => host.install("streams", "acme"),
    });
    host.url = await until("it serves", () => /listens on (http:\S+)/.exec(host.output)?.[1]);
    proxy = tlsInFrontOf(Number(new URL(host.url).port));
    await until("the proxy listens", () => proxy.listening);
  });
  afterAll(async () => {
    proxy.close();
    await host[Symbol.asyncDispose]();
  });

  /** What came up to the end of the headers, and of the body while it lasts and is short. */
  async function ask(request: string, headers: Record<string, string>, body = ""): Promise<string> {
    const { port } = proxy.address() as { port: number };
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    let received = "";
    let isOver = false;
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    socket.on("error", () => (isOver = true));
    socket.on("close", () => (isOver = true));
    const length = body === "" ? {} : { "content-length": String(body.length) };
    const all = { host: NAME, connection: "close", ...length, ...FROM_PROXY, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    socket.write([`${request} HTTP/1.1`, ...lines, "", body].join("\r\n"));
    const isOpenEnded = "upgrade" in headers || request.includes("/api/events");
    await until(`${request} is answered`, () => isOver || (isOpenEnded && received.includes("\r\n\r\n")));
    socket.destroy();
    return received;
  }

  const status = async (request: string, headers: Record<string, string>) =>
    Number((await ask(request, headers)).split(" ")[1]);

  /** The `Set-Cookie` of a sign-in from the panel's own page. */
  async function signIn(headers: Record<string, string> = {}): Promise<string> {
    const body = JSON.stringify({ username: "admin", password: ADMIN_PASSWORD });
    const own = { origin: ORIGIN, "content-type": "application/json", ...headers };
    const [, given = ""] = /^set-cookie: (.*)\r$/im.exec(await ask("POST /api/auth/login", own, body)) ?? [];
    host.keepsSecret(/=([^;]*)/.exec(given)?.[1] ?? "");
    return given;
  }

  const cookieOf = (given: string) => given.split(";")[0] ?? "";

  test("the session's cookie is Secure, HttpOnly, SameSite and bound to the host, and counts by that name alone", async () => {
    const given = await signIn();
    const [pair = "", ...attributes] = given.split("; ");
    expect(pair).toMatch(/^__Host-toru_session=[\w-]{43}$/);
    expect(attributes).toEqual(expect.arrayContaining(["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]));
    expect(given).not.toContain("Domain");
    expect(await status("GET /api/auth/me", { cookie: pair })).toBe(200);
    expect(await status("GET /api/auth/me", { cookie: pair.replace("__Host-", "") })).toBe(401);
  });

  test("a sign-in gives another session and ends the one that came with it", async () => {
    const before = cookieOf(await signIn());
    const after = cookieOf(await signIn({ cookie: before }));
    expect(after).not.toBe(before);
    expect(await status("GET /api/auth/me", { cookie: before })).toBe(401);
    expect(await status("GET /api/auth/me", { cookie: after })).toBe(200);
  });

  test("changes, live streams and WebSockets are for the https page alone, and for no other name", async () => {
    const cookie = cookieOf(await signIn());
    await until("the plugin runs", async () => (await status("GET /plugins/acme/stopped", { cookie })) === 200);
    const asked = [
      ["POST /api/plugins/acme/restart", {}],
      ["GET /api/events", {}],
      ["GET /plugins/acme/talk", HANDSHAKE],
    ] as const;
    for (const [request, more] of asked) {
      for (const origin of [`http://${NAME}`, "https://evil.example", `${ORIGIN}.evil.example`, "null"])
        expect([request, origin, await status(request, { cookie, origin, ...more })]).toEqual([request, origin, 403]);
      expect([request, await status(request, { cookie, origin: ORIGIN, host: "evil.example", ...more })]).toEqual([
        request,
        421,
      ]);
    }
    expect(await status("GET /api/events", { cookie, origin: ORIGIN })).toBe(200);
    expect(await status("GET /plugins/acme/talk", { cookie, origin: ORIGIN, ...HANDSHAKE })).toBe(101);
  });
});
