import { expect, test } from "bun:test";
import { eventually } from "../testing/eventually.ts";
import { openSocket } from "../testing/raw-client.ts";
import { TestHost } from "../testing/test-host.ts";

const PATH = "/api/plugins/acme/logs/download";

/** Far more than the sockets between host and client take. */
function fill(host: TestHost): void {
  for (let line = 0; line < 400; line += 1) host.logs.log.append("x".repeat(100_000));
}

test("a log is sent whole, and released", async () => {
  await using host = await TestHost.start();
  fill(host);
  const response = await host.fetch(PATH, { headers: await host.session("admin") });
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="acme.log"');
  expect(response.headers.get("cache-control")).toBe("no-store");
  const lines = (await response.text()).split("\n");
  expect([lines.length, lines.at(-1)]).toEqual([401, ""]);
  await eventually("it is released", () => host.logs.log.copying === 0);
});

test("a client that goes away releases the log", async () => {
  await using host = await TestHost.start();
  fill(host);
  const { cookie } = await host.session("admin");
  const socket = await openSocket(host.port);
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  await eventually("it is open", () => host.logs.log.copying === 1);
  socket.destroy();
  await eventually("it is released", () => host.logs.log.copying === 0);
});

test("a host that stops ends its downloads", async () => {
  await using host = await TestHost.start();
  fill(host);
  const { cookie } = await host.session("admin");
  const socket = await openSocket(host.port);
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  await eventually("it is open", () => host.logs.log.copying === 1);
  host.closing.abort();
  await eventually("it is released", () => host.logs.log.copying === 0);
  socket.destroy();
});

test("a download ends with the session that began it, and so does a log that is followed", async () => {
  await using host = await TestHost.start();
  fill(host);
  const headers = await host.session("admin");
  const socket = await openSocket(host.port);
  socket.pause();
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nCookie: ${headers.cookie}\r\n\r\n`);
  const followed = await host.fetch("/api/plugins/acme/logs/stream", { headers });
  const { log } = host.logs;
  await eventually("both are open", () => log.copying === 1 && log.following === 1);
  expect((await host.fetch("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
  await eventually("both are released", () => log.copying === 0 && log.following === 0);
  await followed.body?.cancel();
  socket.destroy();
});

test("a client that takes nothing is not waited for, one that is slow is", async () => {
  await using host = await TestHost.start({ liveTimings: { stallMs: 1_000 } });
  fill(host);
  const { cookie } = await host.session("admin");
  const stalled = await openSocket(host.port);
  stalled.pause();
  stalled.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  const slow = await host.fetch(PATH, { headers: { cookie } });
  let bytes = 0;
  for await (const chunk of slow.body ?? []) {
    bytes += chunk.length;
    await Bun.sleep(chunk.length / 20_000); // two seconds for all of it
  }
  expect(bytes).toBeGreaterThan(40_000_000);
  await eventually("both are released", () => host.logs.log.copying === 0);
  stalled.destroy();
});

test("HEAD opens nothing; of downloads at once there is a limit, and room again behind it", async () => {
  await using host = await TestHost.start();
  fill(host);
  const headers = await host.session("admin");
  const head = await host.fetch(PATH, { method: "HEAD", headers });
  expect([head.status, head.headers.get("content-type"), host.logs.log.copying]).toEqual([
    200,
    "application/x-ndjson",
    0,
  ]);
  const sockets = await Promise.all(Array.from({ length: 16 }, () => openSocket(host.port)));
  for (const socket of sockets) socket.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nCookie: ${headers.cookie}\r\n\r\n`);
  await eventually("all are open", () => host.logs.log.copying === 16);
  const refused = await host.fetch(PATH, { headers });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await refused.json()).toMatchObject({ type: "/problems/host-busy" });
  for (const socket of sockets) socket.destroy();
  await eventually("all are released", () => host.logs.log.copying === 0);
  expect((await (await host.fetch(PATH, { headers })).text()).length).toBeGreaterThan(1_000_000);
});
