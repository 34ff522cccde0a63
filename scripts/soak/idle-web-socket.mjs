// A WebSocket and a stream on which nothing is said for 11 minutes, or as many as are named, through a real host and plugin.
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bin, root } from "../run.mjs";

const MINUTES = Number(process.argv[2] ?? 11);
/** How soon a client that answers no ping is closed, in seconds, and some for a busy machine. */
const DEAD_AFTER_S = 60 + 20;
const START_LIMIT_MS = 30_000;
const PASSWORD = "correct horse battery";
const PING = Buffer.from([0x89, 0x00]);
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** The text "hello", masked with zeros. */
const HELLO = Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from("hello")]);
const HELLO_BACK = Buffer.concat([Buffer.from([0x81, 0x05]), Buffer.from("hello")]);

const folder = mkdtempSync(join(tmpdir(), "toru-soak-"));
const host = startHost();
try {
  const url = await address();
  const cookie = await signIn(url);
  await until("the plugin runs", async () => (await fetch(`${url}/plugins/acme/inline`, { headers: { cookie } })).ok);
  const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const [idle, dead] = ["talk", "talk"].map((path) => open(url, cookie, path, [...upgrade, key]));
  const stream = open(url, cookie, "hold", []);
  idle.onPing = () => idle.socket.write(PONG);
  await until("all three are open", () => [idle, dead, stream].every(({ received }) => received.length > 0));
  const start = performance.now();
  const seconds = () => Math.round((performance.now() - start) / 1000);
  await until("the client that answers no ping is closed", () => dead.closed, DEAD_AFTER_S * 1000);
  console.log(`The client that answers no ping was closed after ${seconds()} s.`);
  while (seconds() < MINUTES * 60) {
    if (idle.closed || stream.closed)
      throw new Error(`closed after ${seconds()} s: ${idle.closed ? "the WebSocket" : "the stream"}`);
    await sleep(1000);
  }
  idle.socket.write(HELLO);
  await until("the WebSocket still talks", () => idle.received.subarray(-HELLO_BACK.length).equals(HELLO_BACK));
  console.log(
    `Idle for ${MINUTES} minutes, with ${idle.pings} pings: the WebSocket still talks, and the stream is open.`,
  );
  for (const { socket } of [idle, stream]) socket.destroy();
} finally {
  host.kill("SIGTERM");
  await until("the host has ended", () => host.exitCode !== null || host.signalCode !== null);
  rmSync(folder, { recursive: true });
}

function startHost() {
  const plugins = join(folder, "plugins");
  mkdirSync(plugins);
  copyFileSync(join(root, "packages/server/tests/plugins/streams.py"), join(plugins, "acme.binary"));
  chmodSync(join(plugins, "acme.binary"), 0o755);
  const places = { TORU_PLUGINS_DIR: plugins, TORU_DATA_DIR: join(folder, "data"), TORU_LOG_DIR: join(folder, "logs") };
  const env = {
    ...process.env,
    ...places,
    TORU_RUN_DIR: join(folder, "run"),
    TORU_PORT: "0",
    TORU_ADMIN_PASSWORD: PASSWORD,
  };
  const child = spawn(bin("bun"), [join(root, "packages/server/src/main.ts"), "serve"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.output = "";
  child.stdout.on("data", (text) => (child.output += text));
  return child;
}

function address() {
  return until("the host serves", () => /listens on (http:\S+)/.exec(host.output)?.[1]);
}

async function signIn(url) {
  const body = JSON.stringify({ username: "admin", password: PASSWORD });
  const headers = { "content-type": "application/json", origin: url };
  const answer = await fetch(`${url}/api/auth/login`, { method: "POST", headers, body });
  return answer.headers.getSetCookie()[0].split(";")[0];
}

function open(url, cookie, path, headers) {
  const { hostname, port, host: name } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const client = { socket, received: Buffer.alloc(0), pings: 0, closed: false, onPing() {} };
  socket.on("data", (chunk) => {
    client.received = Buffer.concat([client.received, chunk]);
    if (!chunk.subarray(-PING.length).equals(PING)) return;
    client.pings += 1;
    client.onPing();
  });
  socket.on("close", () => (client.closed = true));
  const own = [`Host: ${name}`, `Origin: ${url}`, `Cookie: ${cookie}`];
  socket.write([`GET /plugins/acme/${path} HTTP/1.1`, ...own, ...headers, "", ""].join("\r\n"));
  return client;
}

async function until(what, condition, limitMs = START_LIMIT_MS) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(50);
  }
}
