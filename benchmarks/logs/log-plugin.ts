/**
 * A plugin that writes to its log when it is asked to: `/stdout?lines=1000&tag=a` prints that many lines, `/messages?…` sends
 * them as messages. Its id is the first argument.
 */
import { writeSync } from "node:fs";
import { encodeFrame, FrameDecoder, isObject, parsePayload, v2, type MessageType } from "@toru/protocol";
import { lineOf } from "./lines.ts";

/** Lines that are made and sent at a time. */
const BATCH = 500;
const [, , id = "", argument] = process.argv;
const decoder = new FrameDecoder();
let drained = Promise.withResolvers<void>();
let sent = Promise.resolve();

if (argument === "--metadata") {
  console.log(JSON.stringify({ id, name: id, version: "1.0.0", icon: "⏱️", route: `/${id}`, protocol: 2 }));
} else {
  Bun.listen({
    unix: process.env["TORU_PLUGIN_SOCKET"] ?? "",
    socket: {
      data(socket, chunk) {
        for (const payload of decoder.push(chunk)) void receive(socket, parsePayload(payload));
      },
      drain: () => drained.resolve(),
    },
  });
  for await (const _ of Bun.stdin.stream()); // ends with the host
  process.exit(0);
}

async function receive(socket: Bun.Socket, message: Record<string, unknown>): Promise<void> {
  const { type, request_id: request, payload } = message;
  if (!isObject(payload)) throw new Error("the host sent a message without a payload");
  if (payload["action"] === "shutdown") process.exit(0);
  if (typeof request !== "string") return;
  if (type === "lifecycle") {
    const reply = payload["action"] === "init" ? { action: "ready", features: [] } : { action: "pong" };
    return send(socket, frame("lifecycle", reply, request));
  }
  await write(socket, String(payload["path"]));
  await send(socket, frame("http", { status: 200, headers: {}, body: "written" }, request));
}

async function write(socket: Bun.Socket, path: string): Promise<void> {
  const { pathname, searchParams } = new URL(path, "http://plugin");
  const tag = searchParams.get("tag") ?? "";
  const count = Number(searchParams.get("lines"));
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => first + index);
    const lines = numbers.map((number) => lineOf(tag, number));
    if (pathname.endsWith("/stdout")) print(Buffer.from(`${lines.join("\n")}\n`));
    else await send(socket, Buffer.concat(lines.map((line) => frame("log", { level: "info", message: line }))));
  }
}

function print(bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(1, bytes, done);
}

/** One after another: a frame must not come into the middle of another. */
function send(socket: Bun.Socket, bytes: Uint8Array): Promise<void> {
  sent = sent.then(() => sendWhole(socket, bytes));
  return sent;
}

async function sendWhole(socket: Bun.Socket, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; ;) {
    drained = Promise.withResolvers();
    rest = rest.subarray(Math.max(0, socket.write(rest)));
    if (rest.length === 0) return;
    await drained.promise;
  }
}

function frame(type: MessageType, payload: unknown, request?: string): Uint8Array {
  const encoded = encodeFrame(v2.envelope(type, payload, request));
  if (encoded === null) throw new Error("a message of the benchmark does not fit a frame");
  return encoded;
}
