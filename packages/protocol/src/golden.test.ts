import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { encodeFrame, FrameDecoder, parsePayload } from "./frame.ts";
import { GOLDEN_FRAMES, INVALID_FRAMES, SPEC_FOLDER } from "./golden-cases.ts";
import { ProtocolError, type ProtocolErrorCode } from "./protocol-error.ts";
import { isObject, toEnvelope } from "./shape.ts";
import * as v1 from "./v1.ts";
import * as v2 from "./v2.ts";

// Texts are compared: `toEqual` has its own opinion of a key named `__proto__`.
const asText = (messages: readonly unknown[]) => messages.map((message) => JSON.stringify(message));

/** Everything that a peer sends on one connection: the messages in front of a fault, and its code. */
function receive(chunks: Iterable<Uint8Array>): { messages: unknown[]; error: string | null } {
  const decoder = new FrameDecoder();
  const messages: unknown[] = [];
  try {
    for (const chunk of chunks) {
      for (const payload of decoder.push(chunk)) {
        const message = parsePayload(payload);
        toEnvelope(message);
        messages.push(message);
      }
    }
    decoder.end();
    return { messages, error: null };
  } catch (error) {
    if (error instanceof ProtocolError) return { messages, error: error.code };
    throw error;
  }
}

/** Cuts at the given places, each a share of the whole. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const places = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

const oneByOne = (bytes: Buffer) => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

describe("golden frames", () => {
  for (const { name, version, direction, hex, message } of GOLDEN_FRAMES) {
    test(`v${version} ${direction}: ${name}`, () => {
      const bytes = Buffer.from(hex, "hex");
      const expected = { messages: asText([message]), error: null };
      for (const chunks of [[bytes], oneByOne(bytes)]) {
        const { messages, error } = receive(chunks);
        expect({ messages: asText(messages), error }).toEqual(expected);
      }
      const encoded = encodeFrame(message);
      expect(encoded).not.toBeNull();
      expect(asText(receive([encoded ?? bytes]).messages)).toEqual(expected.messages);
    });
  }

  test("all of them behind each other arrive whole, however the stream is cut", () => {
    const stream = Buffer.concat(GOLDEN_FRAMES.map(({ hex }) => Buffer.from(hex, "hex")));
    const expected = asText(GOLDEN_FRAMES.map(({ message }) => message));
    expect(asText(receive(oneByOne(stream)).messages)).toEqual(expected);
    fc.assert(
      fc.property(shares, (places) => {
        expect(asText(receive(cut(stream, places)).messages)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("invalid golden frames", () => {
  for (const { name, hex, error } of INVALID_FRAMES) {
    test(`${error}: ${name}`, () => {
      const bytes = Buffer.from(hex, "hex");
      const expected = { messages: [], error };
      expect(receive([bytes])).toEqual(expected);
      expect(receive(oneByOne(bytes))).toEqual(expected);
      fc.assert(
        fc.property(shares, (places) => {
          expect(receive(cut(bytes, places))).toEqual(expected);
        }),
        { numRuns: 20 },
      );
    });
  }

  test("cover every code, and the page of the protocol lists the same ones", () => {
    // What is too much on a stream depends on what was granted before: no frame alone shows it.
    const codes: Record<Exclude<ProtocolErrorCode, "stream_window">, true> = {
      frame_length: true,
      frame_truncated: true,
      frame_kind: true,
      invalid_utf8: true,
      invalid_json: true,
      invalid_message: true,
    };
    const expected = Object.keys(codes).sort();
    expect([...new Set(INVALID_FRAMES.map(({ error }) => error))].sort()).toEqual(expected);
    const page = readFileSync(join(SPEC_FOLDER, "README.md"), "utf8");
    const table = page.slice(page.indexOf("| code |"), page.indexOf("## Messages"));
    expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code ?? "").sort()).toEqual(
      [...expected, "stream_window"].sort(),
    );
  });
});

describe("golden replies", () => {
  for (const { name, version, message, reads_as: expected, answers } of GOLDEN_FRAMES) {
    if (expected === undefined) continue;
    test(`v${version} reads: ${name}`, () => {
      const { type, payload } = toEnvelope(message);
      const { readHttpReply, readKvReply } = version === 1 ? v1 : v2;
      const reply = (answers ?? type) === "kv" ? readKvReply(payload) : readHttpReply(payload);
      expect(reply.ok).toBe(true);
      if (reply.ok) expect(JSON.stringify(plain(reply.value))).toBe(JSON.stringify(expected));
    });
  }

  /** Bytes of a body as the golden data spell them. */
  function plain(value: object): object {
    const body: unknown = Reflect.get(value, "body");
    if (!(body instanceof Uint8Array)) return value;
    const { body: _, ...rest } = value as Record<string, unknown>;
    return { ...rest, body_base64: Buffer.from(body).toString("base64") };
  }

  test("error replies are read as errors", () => {
    const errors = GOLDEN_FRAMES.filter(({ message }) => isObject(message["payload"]) && "code" in errorOf(message));
    expect(errors.length).toBeGreaterThan(3);
    for (const { version, message } of errors) {
      const { readHttpReply } = version === 1 ? v1 : v2;
      expect(readHttpReply(message["payload"])).toEqual({ ok: false, error: errorOf(message) as never });
    }
  });

  function errorOf(message: Record<string, unknown>): Record<string, unknown> {
    const { payload } = message;
    return isObject(payload) && isObject(payload["error"]) ? payload["error"] : {};
  }
});
