import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      for (const id of ["acme", "mortal", "rude"]) await host.install("streams", id);
      await host.install("v2", "plain");
    },
  });
  for (const id of ["acme", "mortal", "rude", "plain"]) await host.reaches(id, "running", "healthy");
});
afterAll(() => host[Symbol.asyncDispose]());

/** A browser's socket from the panel, and what came. */
class Client {
  readonly messages: (string | Uint8Array)[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | null = null;

  constructor(path: string, headers: Record<string, string> = {}, protocols: string[] = []) {
    const own = { cookie: host.cookie, origin: host.url };
    // Bun's own form, which sets headers; the type is the browser's.
    const options = { headers: { ...own, ...headers }, protocols } as unknown as string[];
    this.socket = new WebSocket(host.url.replace("http:", "ws:") + path, options);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.messages.push(typeof data === "string" ? data : new Uint8Array(data));
    });
    this.socket.addEventListener("close", ({ code, reason }) => (this.closed = { code, reason }));
  }

  opened(): Promise<boolean> {
    return until("the socket is open or refused", () => {
      if (this.socket.readyState === WebSocket.OPEN) return "open";
      return this.closed === null ? null : "refused";
    }).then((state) => state === "open");
  }

  receives(count: number): Promise<(string | Uint8Array)[]> {
    return until(`${count} messages`, () => (this.messages.length >= count ? this.messages : null));
  }

  closes(): Promise<{ code: number; reason: string }> {
    return until("the socket is closed", () => this.closed);
  }
}

describe("Plugin Protocol: WebSockets", () => {
  test("messages go both ways, text as text and bytes as bytes, in order", async () => {
    const client = new Client("/plugins/acme/talk");
    expect(await client.opened()).toBe(true);
    client.socket.send("żółw");
    client.socket.send(new Uint8Array([0, 255, 128]));
    client.socket.send("");
    client.socket.send(new Uint8Array());
    for (let number = 0; number < 100; number += 1) client.socket.send(String(number));
    const messages = await client.receives(104);
    expect(messages.slice(0, 4)).toEqual(["żółw", new Uint8Array([0, 255, 128]), "", new Uint8Array()]);
    expect(messages.slice(4)).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
    client.socket.close();
    await client.closes();
  });

  test("the plugin is told who asks, chooses the protocol, and sees nothing of the handshake", async () => {
    const client = new Client("/plugins/acme/talk", {}, ["one", "two"]);
    expect(await client.opened()).toBe(true);
    expect(client.socket.protocol).toBe("two");
    client.socket.send("who");
    const [headers = "{}"] = await client.receives(1);
    expect(JSON.parse(String(headers))).toMatchObject({ "x-toru-user": "admin", "x-toru-role": "admin" });
    expect(String(headers)).not.toMatch(/sec-websocket-key|toru_session/);
    client.socket.send("close");
    expect((await client.closes()).code).toBe(1000);
  });

  test("the plugin learns that the client has gone", async () => {
    const client = new Client("/plugins/acme/talk");
    await client.opened();
    const before = (await host.json<{ closed: number }>("/plugins/acme/closed")).closed;
    client.socket.close();
    await until(
      "it was told",
      async () => (await host.json<{ closed: number }>("/plugins/acme/closed")).closed > before,
    );
  });

  test("a flood arrives whole, no faster than the client reads", async () => {
    const client = new Client("/plugins/acme/flood?count=2000&bytes=10000");
    const messages = await client.receives(2000);
    expect(messages.every((message, number) => message.length === 10_000 && message[0] === number % 256)).toBe(true);
    expect((await client.closes()).code).toBe(1000);
  });

  test("a client that sends what the plugin does not take is sent away, and nobody else feels it", async () => {
    const client = new Client("/plugins/acme/deaf");
    await client.opened();
    for (let number = 0; number < 40; number += 1) client.socket.send(new Uint8Array(100_000));
    expect(await client.closes()).toMatchObject({ code: 1013 });
    expect(await host.json<object>("/plugins/acme/inline")).toEqual({ inline: true });
  });

  test("a plugin that sends without end to a client that does not read is stopped, and nobody else feels it", async () => {
    const { hostname, port, host: name } = new URL(host.url);
    const client = await Bun.connect({
      hostname,
      port: Number(port),
      socket: { data: (socket) => socket.pause() },
    });
    const head = [
      "GET /plugins/rude/chatter HTTP/1.1",
      `host: ${name}`,
      `origin: ${host.url}`,
      `cookie: ${host.cookie}`,
    ];
    const handshake = ["upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13"];
    client.write([...head, ...handshake, "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "", ""].join("\r\n"));
    await until(
      "it is stopped",
      async () => (await host.json<{ stopped: number }>("/plugins/rude/stopped")).stopped > 0,
    );
    expect((await host.plugin("rude"))?.health).toBe("healthy");
    client.terminate();
  });

  test("a message that is too long ends the connection", async () => {
    const client = new Client("/plugins/acme/talk");
    await client.opened();
    client.socket.send(new Uint8Array(128 * 1024));
    await client.receives(1);
    client.socket.send(new Uint8Array(128 * 1024 + 1));
    expect((await client.closes()).code).not.toBe(1000);
  });

  test("a plugin that dies closes its sockets as failed", async () => {
    const client = new Client("/plugins/mortal/talk");
    await client.opened();
    client.socket.send("die");
    expect((await client.closes()).code).toBe(1011);
  });

  test.each([
    { path: "/plugins/acme/refuse", headers: {}, why: "the plugin refuses" },
    { path: "/plugins/plain/x", headers: {}, why: "the plugin takes no WebSockets" },
    { path: "/plugins/nobody/x", headers: {}, why: "there is no such plugin" },
    { path: "/plugins/acme/talk", headers: { origin: "http://evil.example" }, why: "another site asks" },
    { path: "/plugins/acme/talk", headers: { cookie: "" }, why: "nobody is signed in" },
  ])("$path is no socket where $why", async ({ path, headers }) => {
    expect(await new Client(path, headers).opened()).toBe(false);
  });

  test("a socket is closed when its session or token is over, and the plugin learns it; others stay open", async () => {
    const closed = async () => (await host.json<{ closed: number }>("/plugins/acme/closed")).closed;
    const staying = new Client("/plugins/acme/talk");
    expect(await staying.opened()).toBe(true);
    const before = await closed();

    const created = await host.post("/api/tokens", { name: "t", scope: "manage" });
    const { id, token } = (await created.json()) as { id: number; token: string };
    const byToken = new Client("/plugins/acme/talk", { cookie: "", origin: "", authorization: `Bearer ${token}` });
    expect(await byToken.opened()).toBe(true);
    expect((await host.fetch(`/api/tokens/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await byToken.closes()).toMatchObject({ code: 1008 });

    const cookie = host.cookie;
    await host.signIn();
    const bySession = new Client("/plugins/acme/talk");
    expect(await bySession.opened()).toBe(true);
    expect((await host.post("/api/auth/logout")).status).toBe(204);
    expect(await bySession.closes()).toMatchObject({ code: 1008 });
    await host.signIn();
    await until("the plugin was told of both", async () => (await closed()) >= before + 2);
    expect([cookie === host.cookie, staying.closed]).toEqual([false, null]);
    staying.socket.close();
  });

  test("a read token opens none, one that manages does", async () => {
    for (const [scope, isOpen] of [
      ["read", false],
      ["manage", true],
    ] as const) {
      const authorization = `Bearer ${await host.token(scope)}`;
      const client = new Client("/plugins/acme/talk", { cookie: "", origin: "", authorization });
      expect([scope, await client.opened()]).toEqual([scope, isOpen]);
      client.socket.close();
    }
  });
});
