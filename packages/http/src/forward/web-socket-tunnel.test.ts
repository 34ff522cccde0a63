import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { eventually } from "../testing/eventually.ts";
import { openSocket } from "../testing/raw-client.ts";
import { webSocketHandlers, WebSocketTunnel } from "./web-socket-tunnel.ts";

/** The least that Bun takes. It pings 4 s before. */
const IDLE_TIMEOUT_S = 8;
const SLOW_MACHINE_MS = 30_000;

const HANDSHAKE = [
  "GET / HTTP/1.1",
  "Host: h",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "",
  "",
].join("\r\n");
const PING = Buffer.from([0x89, 0x00]);
/** Masked, as all that a client sends. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

const tunnels: WebSocketTunnel[] = [];
let server: Bun.Server<WebSocketTunnel>;
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    websocket: { ...webSocketHandlers, idleTimeout: IDLE_TIMEOUT_S },
    fetch(request, server) {
      const tunnel = new WebSocketTunnel();
      tunnels.push(tunnel);
      tunnel.connect(new ReadableStream(), () => () => {});
      return server.upgrade(request, { data: tunnel }) ? undefined : new Response(null, { status: 400 });
    },
  });
});
afterAll(() => server.stop(true));

async function connect(onPing: (socket: Socket) => void): Promise<{ pings: number; isClosed: boolean; end(): void }> {
  const socket = await openSocket(server.port ?? 0);
  const client = { pings: 0, isClosed: false, end: () => void socket.destroy() };
  socket.on("data", (chunk: Buffer) => {
    if (!chunk.subarray(-PING.length).equals(PING)) return;
    client.pings += 1;
    onPing(socket);
  });
  socket.on("close", () => (client.isClosed = true));
  socket.write(HANDSHAKE);
  return client;
}

test("a client on which nothing is said is pinged and stays; one that does not answer is closed, and the plugin told", async () => {
  const alive = await connect((socket) => socket.write(PONG));
  await eventually("the first is connected", () => tunnels.length === 1);
  const dead = await connect(() => {});
  await eventually("the second is connected", () => tunnels.length === 2);
  await eventually("the dead client is closed", () => dead.isClosed, SLOW_MACHINE_MS);
  expect(await tunnels[1]?.fromClient.getReader().read()).toMatchObject({ done: true });
  await eventually("the other is pinged again", () => alive.pings > dead.pings, SLOW_MACHINE_MS);
  expect([dead.pings, alive.isClosed]).toEqual([1, false]);
  alive.end();
});
