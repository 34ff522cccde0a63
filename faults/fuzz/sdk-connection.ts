/** What a plugin in TypeScript does with bytes of the host, from the connection to the answer of its `fetch`. */
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { answerRequest } from "../../sdks/typescript/src/answer-request.ts";
import { Connection, type ConnectionHandlers } from "../../sdks/typescript/src/connection.ts";
import type { Plugin, PluginContext } from "../../sdks/typescript/src/plugin.ts";
import { encodeFrame } from "../../sdks/typescript/src/wire/frame.ts";
import { makeMessage } from "../../sdks/typescript/src/wire/message.ts";
import type { ProtocolError } from "../../sdks/typescript/src/wire/protocol-error.ts";
import type { Dice } from "./dice.ts";
import { ALL, DATA_FRAMES, FROM_HOST } from "./golden.ts";
import { changeFields, mutate, toFrame } from "./mutate.ts";

const MAX_FRAMES = 8;
const MAX_CUTS = 6;

/** A socket whose other side reads at once and never says a word by itself. */
class SilentSocket extends EventEmitter {
  writableLength = 0;
  isDestroyed = false;
  write(): boolean {
    return true;
  }
  end(): void {
    this.destroy();
  }
  destroy(): void {
    this.isDestroyed = true;
  }
}

const plugin: Plugin = {
  id: "fuzzed",
  name: "Fuzzed",
  version: "1",
  icon: "box",
  route: "/fuzzed",
  metadata: {},
  fetch: async (request) =>
    new Response(await request.arrayBuffer(), { headers: { "x-path": encodeURI(request.url) } }),
};

/** One connection of the host: `init`, then frames that were changed. Returns how many frames. */
export async function checkSdkConnection(dice: Dice): Promise<number> {
  const socket = new SilentSocket();
  const closes: (ProtocolError | null)[] = [];
  const atWork: Promise<void>[] = [];
  const context = { signal: new AbortController().signal, mountPath: "/plugins/fuzzed" } as unknown as PluginContext;
  const handlers: ConnectionHandlers = {
    init: () => null,
    ready: () => {},
    request: (type, payload, exchange) => {
      if (type === "kv") return Promise.resolve(exchange.reply({ value: null }));
      const work = answerRequest(plugin, payload, context, exchange);
      atWork.push(work);
      return work;
    },
    kvReply: () => {},
    shutdown: () => {},
    failed: () => {},
    closed: (_, fault) => closes.push(fault),
  };
  const connection = new Connection(socket as unknown as Socket, handlers);
  const features = dice.pick([[], ["stream"], ["stream", "websocket"]]);
  const init = encodeFrame(makeMessage("lifecycle", { action: "init", protocol: 2, features }, "i"));
  const payloads = dice.some(MAX_FRAMES, () => {
    const golden = dice.pick(dice.oneIn(4) ? DATA_FRAMES : FROM_HOST);
    if (dice.oneIn(3)) return golden;
    return dice.oneIn(20) ? mutate(dice, golden, ALL) : changeFields(dice, golden);
  });
  const frames = payloads.map((payload) => toFrame(dice, payload));
  const stream = Buffer.concat([init ?? Buffer.alloc(0), ...frames]);
  for (const piece of dice.cut(stream, MAX_CUTS)) {
    if (!socket.isDestroyed) socket.emit("data", Buffer.from(piece));
    if (dice.oneIn(3)) await Promise.resolve();
  }
  socket.emit("end");
  await Promise.all(atWork);
  await connection.idle();
  if (closes.length !== 1) throw new Error(`the connection was closed ${closes.length} times`);
  return payloads.length;
}
