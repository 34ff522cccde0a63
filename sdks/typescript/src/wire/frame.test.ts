import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES } from "./frame.ts";
import { readMessage, type JsonObject } from "./message.ts";
import { ProtocolError } from "./protocol-error.ts";

interface GoldenFrame {
  name: string;
  hex: string;
  message: JsonObject;
}

const golden = async <T>(name: string) =>
  (await Bun.file(join(import.meta.dir, "../../../../spec/golden", `${name}.json`)).json()) as T;

const frames = [
  ...(await golden<GoldenFrame[]>("v2-host-to-plugin")),
  ...(await golden<GoldenFrame[]>("v2-plugin-to-host")),
];
const invalid = await golden<{ name: string; hex: string; error: string }[]>("invalid-frames");

/** They test readers: nobody writes escapes, white space or a key twice. */
const ONLY_TO_READ = new Set([
  "the same characters as JSON escapes",
  "of a doubled key the last one counts",
  "white space inside the message",
]);

function receive(chunks: Iterable<Uint8Array>): { messages: string[]; error: string | null } {
  const decoder = new FrameDecoder();
  const messages: string[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk, (message) => {
        readMessage(message);
        messages.push(JSON.stringify(message));
      });
    }
    decoder.end();
    return { messages, error: null };
  } catch (error) {
    if (error instanceof ProtocolError) return { messages, error: error.code };
    throw error;
  }
}

const oneByOne = (bytes: Buffer) => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

describe("golden frames", () => {
  test.each(frames)("$name", ({ name, hex, message }) => {
    const bytes = Buffer.from(hex, "hex");
    expect(receive([bytes])).toEqual({ messages: [JSON.stringify(message)], error: null });
    expect(receive(oneByOne(bytes))).toEqual({ messages: [JSON.stringify(message)], error: null });
    const [decoded = ""] = receive([bytes]).messages;
    const encoded = encodeFrame(JSON.parse(decoded) as JsonObject)?.toString("hex");
    if (ONLY_TO_READ.has(name)) expect(encoded).not.toBe(hex);
    else expect(encoded).toBe(hex);
  });

  test("all of them behind each other, however the stream is cut", () => {
    const stream = Buffer.concat(frames.map(({ hex }) => Buffer.from(hex, "hex")));
    const expected = { messages: frames.map(({ message }) => JSON.stringify(message)), error: null };
    expect(receive(oneByOne(stream))).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), stream.length];
        expect(receive(cuts.slice(1).map((end, index) => stream.subarray(cuts[index], end)))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test.each(invalid)("$error: $name", ({ hex, error }) => {
    const bytes = Buffer.from(hex, "hex");
    expect(receive([bytes])).toEqual({ messages: [], error });
    expect(receive(oneByOne(bytes))).toEqual({ messages: [], error });
  });
});

test("a message that fits to the byte is written and read; one byte more is not written", () => {
  const overhead = Buffer.byteLength(JSON.stringify({ type: "log", a: "" }));
  const frame = encodeFrame({ type: "log", a: "x".repeat(MAX_FRAME_BYTES - overhead) });
  expect(frame?.length).toBe(4 + MAX_FRAME_BYTES);
  expect(receive([frame ?? Buffer.alloc(0)]).error).toBeNull();
  expect(encodeFrame({ type: "log", a: "x".repeat(MAX_FRAME_BYTES - overhead + 1) })).toBeNull();
  expect(encodeFrame({ type: "log", a: "é".repeat((MAX_FRAME_BYTES - overhead) / 2 + 1) })).toBeNull();
});
