/**
 * A plugin that writes to its log when it is asked to: `/stdout?lines=1000&tag=a` prints that many lines, `/messages?…` sends
 * them as messages. Its id is the first argument.
 */
import { writeSync } from "node:fs";
import { frame, servePlugin } from "../programs/serve-plugin.ts";
import { lineOf } from "./lines.ts";

/** Lines that are made and sent at a time. */
const BATCH = 500;
let drained = Promise.withResolvers<void>();
let sent = Promise.resolve();

await servePlugin({
  receive(socket, { id, payload }) {
    void write(socket, String(payload["path"])).then(() =>
      send(socket, frame("http", { status: 200, headers: {}, body: "written" }, id)),
    );
  },
  send: (socket, bytes) => void send(socket, bytes),
  drain: () => drained.resolve(),
});

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
