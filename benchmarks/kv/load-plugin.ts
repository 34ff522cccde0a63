/**
 * A plugin that puts the host's storage under load when it is asked to: `/run?kind=set&count=1000&in_flight=64` answers
 * with what that took. Its id is the first argument.
 */
import { frame, servePlugin } from "../programs/serve-plugin.ts";
import { KINDS, operation, type Kind } from "./operations.ts";

/** What one plugin measured. Times are milliseconds since the epoch. */
export interface PluginRun {
  startedAt: number;
  endedAt: number;
  latenciesUs: { p50: number; p99: number };
}

const waiting = new Map<string, (reply: Record<string, unknown>) => void>();
let asks = 0;
let unsent: Uint8Array[] = [];

await servePlugin({
  receive(socket, { type, id, payload }) {
    if (type === "kv") {
      waiting.get(id)?.(payload);
      waiting.delete(id);
    } else if (typeof payload["path"] === "string") {
      void answer(payload["path"], socket).then((body) =>
        send(socket, frame("http", { status: 200, headers: { "content-type": "application/json" }, body }, id)),
      );
    }
  },
  send,
  drain: flush,
});

async function answer(path: string, socket: Bun.Socket): Promise<string> {
  const query = new URL(path, "http://plugin").searchParams;
  const kind = KINDS.find((known) => known === query.get("kind"));
  if (kind === undefined) throw new Error(`unknown kind in ${path}`);
  return JSON.stringify(await run(socket, kind, Number(query.get("count")), Number(query.get("in_flight"))));
}

async function run(socket: Bun.Socket, kind: Kind, count: number, inFlight: number): Promise<PluginRun> {
  const latencies = new Float64Array(count);
  let next = 0;
  const startedAt = performance.timeOrigin + performance.now();
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const askedAt = performance.now();
      const reply = await ask(socket, operation(kind, index));
      if ("error" in reply) throw new Error(`a ${kind} failed: ${JSON.stringify(reply)}`);
      latencies[index] = performance.now() - askedAt;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const endedAt = performance.timeOrigin + performance.now();
  latencies.sort();
  const at = (share: number) => (latencies[Math.floor((count - 1) * share)] ?? 0) * 1000;
  return { startedAt, endedAt, latenciesUs: { p50: at(0.5), p99: at(0.99) } };
}

function ask(socket: Bun.Socket, payload: unknown): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const id = String(++asks);
    waiting.set(id, resolve);
    send(socket, frame("kv", payload, id));
  });
}

/** What is sent in one turn leaves together. */
function send(socket: Bun.Socket, bytes: Uint8Array): void {
  if (unsent.push(bytes) === 1) setImmediate(() => flush(socket));
}

function flush(socket: Bun.Socket): void {
  if (unsent.length === 0) return;
  const bytes = Buffer.concat(unsent);
  const written = Math.max(0, socket.write(bytes));
  unsent = written < bytes.length ? [bytes.subarray(written)] : [];
}
