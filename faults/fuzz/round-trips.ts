/** Every message that the host builds, and what it reads of those that plugins build: what goes in comes out. */
import {
  bodyFromBytes,
  encodeDataFrame,
  encodeFrame,
  type Envelope,
  FrameDecoder,
  parseDataFrame,
  parseKvOperation,
  parsePayload,
  toEnvelope,
  toLogMessage,
  v1,
  v2,
} from "@toru/protocol";
import { deepStrictEqual } from "node:assert";
import type { Dice } from "./dice.ts";

const UNITS = [
  "a",
  "Z",
  "0",
  " ",
  '"',
  "\\",
  "\n",
  "\0",
  "\u007f",
  "é",
  "\u2028",
  "\ufeff",
  "😀",
  "\u{10ffff}",
  "__proto__",
];
const NAMES = ["accept", "x-tag", "__proto__", "constructor", "content-type", "set-cookie"];

const text = (dice: Dice) => dice.some(8, () => dice.pick(UNITS)).join("");
const key = (dice: Dice) => `k${text(dice)}`;

function headers(dice: Dice): Record<string, string | string[]> {
  const entries = dice.some(4, () => [dice.pick(NAMES), dice.oneIn(2) ? text(dice) : dice.some(3, () => text(dice))]);
  return Object.fromEntries(entries) as Record<string, string | string[]>;
}

/** One of each kind. Returns how many. */
export function checkRoundTrips(dice: Dice): number {
  const request = { method: dice.pick(["GET", "M-SEARCH"]), path: `/${text(dice)}`, headers: headers(dice) };
  const bytes = dice.bytes(30);
  const body = dice.oneIn(4) ? null : bodyFromBytes(dice.oneIn(2) ? bytes : Buffer.from(text(dice)));
  const id = text(dice);
  const info = {
    pluginId: key(dice),
    instanceId: id,
    socketPath: text(dice),
    logPath: text(dice),
    dataDir: text(dice),
  };
  const operation = dice.pick([
    { action: "get" as const, key: key(dice) },
    { action: "set" as const, key: key(dice), value: text(dice) },
    { action: "delete" as const, key: key(dice) },
  ]);
  const list = { action: "list" as const, prefix: text(dice), after: dice.oneIn(2) ? null : key(dice), limit: 7 };
  const error = { code: key(dice), message: text(dice) };
  const result = dice.oneIn(2) ? { value: text(dice) } : { keys: dice.some(3, () => key(dice)), more: dice.oneIn(2) };
  const reply = { status: 200 + dice.below(400), headers: headers(dice) };
  const log = {
    level: dice.pick(["debug", "error"] as const),
    message: text(dice),
    fields: { [key(dice)]: text(dice) },
  };
  const built: Envelope[] = [
    v1.initMessage(info),
    v1.shutdownMessage(),
    v1.httpMessage(id, { ...request, body: text(dice) }),
    v1.kvMessage(id, operation),
    v1.kvReplyMessage(id, result),
    v1.kvErrorMessage(id, error),
    v2.envelope("lifecycle", v2.initPayload(info), id),
    v2.envelope("lifecycle", v2.pingPayload, id),
    v2.envelope("lifecycle", v2.shutdownPayload(dice.next())),
    v2.envelope("http", v2.httpRequestPayload({ ...request, body }, body), id),
    v2.envelope("http", v2.upgradePayload({ ...request, body: null }, dice.next()), id),
    v2.envelope("http", v2.cancelPayload, id),
    v2.envelope("http", v2.creditPayload(dice.next(), dice.next())),
    v2.envelope("http", v2.stopPayload(dice.next())),
    v2.envelope("kv", v2.kvRequestPayload(dice.oneIn(2) ? operation : list), id),
    v2.envelope("kv", result, id),
    v2.envelope("kv", v2.errorPayload(error), id),
  ];
  for (const message of built) deepStrictEqual(asText(carried(message)), asText(message));
  const answer = carried(v2.envelope("http", { ...reply, ...fieldsOf(body) }, id)).payload;
  const lowered = { ok: true, value: { ...reply, body } };
  deepStrictEqual(JSON.stringify(v2.readHttpReply(answer)), JSON.stringify(lowered));
  deepStrictEqual(v2.readKvReply(carried(v2.envelope("kv", result, id)).payload), { ok: true, value: result });
  deepStrictEqual(toLogMessage(carried(v2.envelope("log", log)).payload), log);
  for (const one of [operation, list]) {
    deepStrictEqual(parseKvOperation(carried(v2.envelope("kv", one, id)).payload), { ok: true, operation: one });
  }
  const data = { stream: dice.next(), bytes, isLast: dice.oneIn(2), isText: dice.oneIn(2), isAborted: dice.oneIn(2) };
  const piece = parseDataFrame(only(encodeDataFrame(data)));
  deepStrictEqual({ ...piece, bytes: Buffer.from(piece.bytes) }, data);
  return built.length + 6;
}

function fieldsOf(body: string | Uint8Array | null): object {
  return body instanceof Uint8Array ? { body_base64: Buffer.from(body).toString("base64") } : { body };
}

/** Texts are compared: `deepStrictEqual` has its own opinion of a key named `__proto__`. */
function asText({ type, timestamp, request_id: id, payload }: Envelope): string {
  return JSON.stringify([type, timestamp, id, payload]);
}

/** What arrives of a message. */
function carried(message: Envelope): Envelope {
  const frame = encodeFrame(message);
  if (frame === null) throw new Error("a small message does not fit a frame");
  return toEnvelope(parsePayload(only(frame)));
}

function only(frame: Uint8Array): Uint8Array {
  const [payload, ...more] = new FrameDecoder().push(frame);
  if (payload === undefined || more.length > 0) throw new Error("one frame came as none or as several");
  return payload;
}
