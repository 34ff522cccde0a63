import { describe, expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import * as fc from "fast-check";
import { DEFAULT_MAX_FRAME_BYTES, encodeFrame, FRAME_HEADER_BYTES, FrameDecoder, parsePayload } from "./frame.ts";
import { ProtocolError, type ProtocolErrorCode } from "./protocol-error.ts";

const MIB = 1024 * 1024;

function rawFrame(payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}

function codeOf(act: () => unknown): ProtocolErrorCode | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

describe("encodeFrame", () => {
  test("writes length and JSON, counted in bytes", () => {
    expect(encodeFrame({ a: "é😀" })?.toString("hex")).toBe(rawFrame(Buffer.from('{"a":"é😀"}')).toString("hex"));
  });

  test("takes what fits the limit to the byte and refuses one byte more", () => {
    const message = { a: "éé" };
    const bytes = Buffer.byteLength(JSON.stringify(message));
    expect(encodeFrame(message, bytes)?.length).toBe(FRAME_HEADER_BYTES + bytes);
    expect(encodeFrame(message, bytes - 1)).toBeNull();
    expect(encodeFrame({ a: "x".repeat(100) }, 50)).toBeNull();
  });

  test("what it writes is read back, for any JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (message) => {
        const frame = encodeFrame(message);
        const [payload] = frame === null ? [] : new FrameDecoder().push(frame);
        expect(payload === undefined ? null : JSON.stringify(parsePayload(payload))).toBe(JSON.stringify(message));
      }),
    );
  });
});

describe("FrameDecoder", () => {
  test("gives back the same payloads however the stream is cut, and keeps nothing of a chunk that is reused", () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 });
    const sizes = fc.infiniteStream(fc.integer({ min: 0, max: 70 }));
    fc.assert(
      fc.property(payloads, sizes, (sent, chunkSizes) => {
        const stream = Buffer.concat(sent.map(rawFrame));
        const decoder = new FrameDecoder(300);
        const received: string[] = [];
        for (let at = 0; at < stream.length;) {
          const size = chunkSizes.next().value ?? 1;
          const chunk = Buffer.from(stream.subarray(at, at + size));
          for (const payload of decoder.push(chunk)) received.push(Buffer.from(payload).toString("hex"));
          chunk.fill(0xff);
          at += size;
        }
        decoder.end();
        expect(received).toEqual(sent.map((payload) => Buffer.from(payload).toString("hex")));
      }),
      { numRuns: 200 },
    );
  });

  test("a payload that lies whole in a chunk is a view of it, also behind the end of a cut one", () => {
    const decoder = new FrameDecoder();
    const first = rawFrame(Buffer.from("{1}"));
    expect(decoder.push(first.subarray(0, 5))).toEqual([]);
    const chunk = Buffer.concat([first.subarray(5), rawFrame(Buffer.from("{2}")), rawFrame(Buffer.from("{3}"))]);
    const [one, two, three] = decoder.push(chunk);
    expect([one, two, three].map((payload) => Buffer.from(payload ?? []).toString())).toEqual(["{1}", "{2}", "{3}"]);
    expect(one?.buffer).not.toBe(chunk.buffer);
    expect([two?.buffer, three?.buffer]).toEqual([chunk.buffer, chunk.buffer]);
  });

  test("a length at the limit is taken, one over it and 0 are refused, whole or cut in the header", () => {
    const decode = (length: number, cut: number) => () => {
      const decoder = new FrameDecoder(10);
      decoder.push(header(length).subarray(0, cut));
      decoder.push(header(length).subarray(cut));
    };
    for (const cut of [0, 1, 3, 4]) {
      expect(codeOf(decode(10, cut))).toBeNull();
      for (const length of [0, 11, 0x7fffffff, 0x80000000, 0xffffffff]) {
        expect(codeOf(decode(length, cut))).toBe("frame_length");
      }
    }
  });

  test("the refused length and the limit are named", () => {
    expect(() => new FrameDecoder().push(header(4_000_000_000))).toThrow(/4000000000.*1 to 16777216/);
  });

  test("end of file between frames is fine, inside one it says how much had arrived", () => {
    const decoder = new FrameDecoder();
    decoder.end();
    decoder.push(rawFrame(Buffer.from("{}")));
    decoder.end();
    decoder.push(Buffer.from([0, 0]));
    expect(() => decoder.end()).toThrow("2 bytes had arrived");
    decoder.push(Buffer.from([0, 9, 0x7b]));
    expect(() => decoder.end()).toThrow("5 bytes had arrived of 13");
  });

  test("empty chunks change nothing", () => {
    const decoder = new FrameDecoder();
    const frame = rawFrame(Buffer.from("{}"));
    const payloads = [Buffer.alloc(0), frame.subarray(0, 3), Buffer.alloc(0), frame.subarray(3)].flatMap((chunk) =>
      decoder.push(chunk),
    );
    expect(payloads.map((payload) => Buffer.from(payload).toString())).toEqual(["{}"]);
  });

  test("takes no memory for a length that was only announced", () => {
    const before = heapStats().extraMemorySize;
    const start = Buffer.concat([header(DEFAULT_MAX_FRAME_BYTES), Buffer.from("{")]);
    const decoders = Array.from({ length: 50 }, () => new FrameDecoder());
    for (const decoder of decoders) {
      decoder.push(start.subarray(0, 4));
      decoder.push(start.subarray(4));
    }
    expect(heapStats().extraMemorySize - before).toBeLessThan(DEFAULT_MAX_FRAME_BYTES);
    for (const decoder of decoders) expect(codeOf(() => decoder.end())).toBe("frame_truncated");
  });

  test("a large frame in one-byte fragments costs a few times its size, not an object for each", () => {
    const bytes = 4 * MIB;
    const decoder = new FrameDecoder();
    Bun.gc(true);
    const before = heapStats();
    decoder.push(header(bytes));
    const fragment = Buffer.from("x");
    for (let sent = 0; sent < bytes - 1; sent += 1) decoder.push(fragment);
    Bun.gc(true);
    const almost = heapStats();
    expect(decoder.push(fragment)[0]?.length).toBe(bytes);
    expect(almost.heapSize - before.heapSize).toBeLessThan(4 * bytes);
    expect(almost.objectCount - before.objectCount).toBeLessThan(10_000);
  });

  test("while it waits for the rest, it holds at most twice of what has arrived", () => {
    const decoder = new FrameDecoder();
    Bun.gc(true);
    const before = heapStats();
    decoder.push(header(DEFAULT_MAX_FRAME_BYTES));
    const fragment = Buffer.alloc(64, "x");
    for (let sent = 0; sent < MIB + 64; sent += fragment.length) decoder.push(fragment);
    Bun.gc(true);
    const after = heapStats();
    expect(after.heapSize - before.heapSize).toBeLessThan(4 * MIB);
    expect(after.objectCount - before.objectCount).toBeLessThan(5_000);
    expect(codeOf(() => decoder.end())).toBe("frame_truncated");
  });
});

describe("parsePayload", () => {
  test("very deep nesting is read; the stack is not what ends it", () => {
    const text = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    expect(Object.keys(parsePayload(Buffer.from(text)))).toEqual(["a"]);
  });

  test("a message that is not JSON is quoted only in part", () => {
    let message = "";
    try {
      parsePayload(Buffer.from(`{"${"x".repeat(10_000)}`));
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("not valid JSON");
    expect(message.length).toBeLessThan(200);
  });

  test("__proto__ is a key like any other and pollutes nothing", () => {
    const message = parsePayload(Buffer.from('{"__proto__":{"polluted":1},"type":"log"}'));
    expect(Object.keys(message)).toEqual(["__proto__", "type"]);
    expect(message["polluted"]).toBeUndefined();
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
