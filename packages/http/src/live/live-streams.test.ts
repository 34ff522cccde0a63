import { expect, test } from "bun:test";
import { pluginChangeSchema } from "@toru/http-api";
import { eventually } from "../testing/eventually.ts";
import { openSocket } from "../testing/raw-client.ts";
import { SseClient } from "../testing/sse-client.ts";
import { TestHost } from "../testing/test-host.ts";

async function open(host: TestHost, path: string, headers: Record<string, string>): Promise<SseClient> {
  return new SseClient(await host.fetch(path, { headers }));
}

async function openStreams(host: TestHost): Promise<number> {
  const text = await (await host.local("/metrics")).text();
  return Number(/^toru_live_streams (\d+)$/m.exec(text)?.[1]);
}

test("a reader is greeted, then told of every change as the API shows plugins", async () => {
  await using host = await TestHost.start();
  const client = await open(host, "/api/events", await host.session("ada"));
  expect(client.response.headers.get("content-type")).toBe("text/event-stream");
  expect(await client.next()).toMatchObject({ name: "hello", id: expect.stringMatching(/^[0-9a-f]{8}:0$/) });
  host.plugins.change("no pong");
  const event = await client.next();
  expect(event).toMatchObject({ name: "plugin", id: expect.stringMatching(/:1$/) });
  const change = pluginChangeSchema.parse(JSON.parse(event?.data ?? ""));
  expect(change).toMatchObject({
    id: "acme",
    plugin: { status: "running" },
    event: { details: { reason: "no pong" } },
  });
});

test("a reader that comes back is told what it missed; one that was away too long is told to load again", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const first = await open(host, "/api/events", headers);
  const hello = await first.next();
  await first.response.body?.cancel().catch(() => null);
  for (const reason of ["one", "two"]) host.plugins.change(reason);
  const again = await open(host, "/api/events", { ...headers, "last-event-id": hello?.id ?? "" });
  const names = [await again.next(), await again.next(), await again.next()].map((event) => event?.name);
  expect(names).toEqual(["plugin", "plugin", "hello"]);
  const late = await open(host, "/api/events", { ...headers, "last-event-id": "ffffffff:7" });
  const reset = await late.next();
  expect(reset).toMatchObject({ name: "reset", id: expect.stringMatching(/:2$/) });
  expect((await late.next())?.name).toBe("hello");
});

test("log lines come with cursors that resume, from the query or the browser's header", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("admin");
  const { log } = host.logs;
  for (const message of ["one", "two", "three"]) log.append(message);
  const client = await open(host, "/api/plugins/acme/logs/stream?after=1", headers);
  expect(await client.next()).toMatchObject({ id: "2", data: expect.stringContaining('"two"') });
  const resumed = await open(host, "/api/plugins/acme/logs/stream?after=1", { ...headers, "last-event-id": "2" });
  expect(await resumed.next()).toMatchObject({ id: "3" });
  const fresh = await open(host, "/api/plugins/acme/logs/stream", headers);
  await eventually("all follow", () => log.following === 3);
  log.append("four");
  expect(await fresh.next()).toMatchObject({ id: "4", data: expect.stringContaining('"four"') });
  const wrong = await host.fetch("/api/plugins/acme/logs/stream?after=bad", { headers });
  expect(wrong.status).toBe(400);
  expect((await host.fetch("/api/plugins/nobody/logs/stream", { headers })).status).toBe(404);
});

test("a client that goes away releases everything that its stream held", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("admin");
  const paths = ["/api/events", "/api/plugins/acme/logs/stream"];
  const sockets = await Promise.all(paths.map(() => openSocket(host.port)));
  for (const [index, socket] of sockets.entries()) {
    socket.write(`GET ${paths[index]} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  }
  await eventually("both are open", async () => (await openStreams(host)) === 2 && host.logs.log.following === 1);
  for (const socket of sockets) socket.destroy();
  await eventually("both are released", async () => (await openStreams(host)) === 0 && host.logs.log.following === 0);
});

test("when the host stops its streams end, and it listens to plugins no more", async () => {
  await using host = await TestHost.start();
  const client = await open(host, "/api/events", await host.session("ada"));
  await client.next();
  expect(host.plugins.listeners.size).toBeGreaterThan(0);
  host.closing.abort();
  expect(await client.next()).toBeNull();
  expect(host.plugins.listeners.size).toBe(0);
  await eventually("it is released", async () => (await openStreams(host)) === 0);
});

test("a stream ends soon after its session, and a log stream when its reader is no admin any more", async () => {
  await using host = await TestHost.start({ liveTimings: { recheckMs: 20 } });
  const headers = await host.session("ada");
  const client = await open(host, "/api/events", headers);
  await client.next();
  expect((await host.fetch("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
  expect(await client.next()).toBeNull();
  await eventually("it is released", async () => (await openStreams(host)) === 0);
});

test("a quiet stream says that it lives", async () => {
  await using host = await TestHost.start({ liveTimings: { heartbeatMs: 10 } });
  const client = await open(host, "/api/events", await host.session("ada"));
  await client.next();
  const next = client.next();
  await eventually("comments arrive", () => client.comments > 3);
  host.plugins.change("end");
  expect(await next).toMatchObject({ name: "plugin" });
});

test("a client that does not read is cut off, and its source is held up meanwhile", async () => {
  await using host = await TestHost.start({ liveTimings: { recheckMs: 20, stallMs: 300 } });
  const { cookie } = await host.session("admin");
  const { log } = host.logs;
  const line = "x".repeat(16 * 1024);
  for (let count = 0; count < 4_000; count += 1) log.append(line);
  const socket = await openSocket(host.port);
  socket.pause();
  const path = "/api/plugins/acme/logs/stream?after=0";
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  await eventually("it follows", () => log.following === 1);
  await eventually("it is cut off", async () => log.following === 0 && (await openStreams(host)) === 0);
  expect(log.given).toBeLessThan(2_000);
  await eventually("its connection is closed", () => host.pendingRequests === 0, 15_000);
  socket.destroy();
}, 20_000);

test("more than 100 streams are refused, and HEAD opens none", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const head = await host.fetch("/api/events", { method: "HEAD", headers });
  expect(head.headers.get("content-type")).toBe("text/event-stream");
  expect(await openStreams(host)).toBe(0);
  const { cookie } = headers;
  const sockets = await Promise.all(Array.from({ length: 100 }, () => openSocket(host.port)));
  for (const socket of sockets) socket.write(`GET /api/events HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  await eventually("100 are open", async () => (await openStreams(host)) === 100);
  const refused = await host.fetch("/api/events", { headers });
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("5");
  for (const socket of sockets) socket.destroy();
  await eventually("all are released", async () => (await openStreams(host)) === 0);
});
