/** What the host does with bytes of a plugin, without a socket. */
import {
  FrameDecoder,
  KIND_DATA,
  parseDataFrame,
  parseKvOperation,
  parsePayload,
  ProtocolError,
  toEnvelope,
  toLogMessage,
  v1,
  v2,
} from "@toru/protocol";
import type { Dice } from "./dice.ts";
import { ALL, FROM_PLUGIN } from "./golden.ts";
import { changeFields, mutate, toFrame } from "./mutate.ts";

const MAX_FRAMES = 6;
const MAX_CUTS = 12;
/** A bound for a loaded machine: one input takes some microseconds. */
const MAX_MS = 5_000;

interface Received {
  payloads: string[];
  error: string | null;
}

function receive(chunks: Iterable<Uint8Array>): Received {
  const decoder = new FrameDecoder();
  const payloads: string[] = [];
  const error = codeOf(() => {
    for (const chunk of chunks) {
      for (const payload of decoder.push(chunk)) payloads.push(Buffer.from(payload).toString("latin1"));
    }
    decoder.end();
  });
  return { payloads, error };
}

/** Null, or the code of a ProtocolError; anything else that is thrown is the failure looked for. */
function codeOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

/** Some frames of a plugin, changed. Returns how many. */
export function checkHostCodec(dice: Dice): number {
  const began = performance.now();
  const changed = () => {
    const golden = dice.pick(FROM_PLUGIN);
    return dice.oneIn(2) ? mutate(dice, golden, ALL) : changeFields(dice, golden);
  };
  const payloads = [dice.bytes(40), ...dice.some(MAX_FRAMES, changed)];
  const stream = Buffer.concat(payloads.map((payload) => toFrame(dice, payload)));
  const whole = receive([stream]);
  const inPieces = receive(dice.cut(stream, MAX_CUTS));
  // What is whole in front of a wrong length may be lost with it, where both came in one piece.
  const isSame =
    whole.error === inPieces.error &&
    whole.payloads.every((payload, index) => payload === inPieces.payloads[index]) &&
    (whole.error !== null || whole.payloads.length === inPieces.payloads.length);
  if (!isSame) throw new Error(`other frames when it is cut: ${stream.toString("hex")}`);
  for (const payload of payloads) readAll(payload);
  const took = performance.now() - began;
  if (took > MAX_MS) throw new Error(`${took} ms for ${stream.toString("hex")}`);
  return payloads.length;
}

/** Whatever somebody could take the payload for. */
function readAll(bytes: Uint8Array): void {
  if (bytes[0] === KIND_DATA) codeOf(() => parseDataFrame(bytes));
  const read: { message: Record<string, unknown> | null } = { message: null };
  codeOf(() => (read.message = parsePayload(bytes)));
  if (read.message === null) return;
  codeOf(() => toEnvelope(read.message ?? {}));
  for (const payload of [read.message["payload"], read.message]) {
    for (const { readHttpReply, readKvReply } of [v1, v2]) {
      codeOf(() => readHttpReply(payload));
      codeOf(() => readKvReply(payload));
    }
    codeOf(() => v2.readLifecycleReply(payload, "ready"));
    codeOf(() => v2.readStreamControl(payload));
    codeOf(() => toLogMessage(payload));
    codeOf(() => parseKvOperation(v1.kvRequestInput(payload)));
  }
}
