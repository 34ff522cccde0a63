import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";
import { encodeDataFrame, type DataFrame } from "./data-frame.ts";
import { encodeFrame, FrameDecoder, type FrameReceiver, MAX_FRAME_BYTES } from "./frame.ts";
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
  ...(await golden<GoldenFrame[]>("v2-streams")),
];
type GoldenData = Omit<DataFrame, "bytes" | "isLast" | "isText" | "isAborted"> &
  Record<"last" | "text" | "aborted", boolean>;
const dataFrames = await golden<(GoldenData & { name: string; hex: string; bytes_hex: string })[]>("data-frames");
const invalid = await golden<{ name: string; hex: string; error: string }[]>("invalid-frames");

/** They test readers: nobody writes escapes, white space or a key twice. */
const ONLY_TO_READ = new Set([
  "the same characters as JSON escapes",
  "of a doubled key the last one counts",
  "white space inside the message",
]);

/** Messages as text, and data frames as they are written. */
function receive(chunks: Iterable<Uint8Array>, takesStreams = false): { messages: string[]; error: string | null } {
  const decoder = new FrameDecoder();
  const messages: string[] = [];
  const receiver: FrameReceiver = {
    message: (message) => {
      readMessage(message);
      messages.push(JSON.stringify(message));
    },
    data: takesStreams ? (frame) => messages.push(encodeDataFrame(frame).toString("hex")) : null,
  };
  try {
    for (const chunk of chunks) decoder.push(chunk, receiver);
    decoder.end();
    return { messages, error: null };
  } catch (error) {
    if (error instanceof ProtocolError) return { messages, error: error.code };
    throw error;
  }
}

/** Cut at these places, in any order. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [0, ...places.sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
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
        expect(receive(cut(stream, places))).toEqual(expected);
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

describe("golden data frames", () => {
  test.each(dataFrames)("$name", ({ hex, stream, last, text, aborted, bytes_hex: bytesHex }) => {
    const frames: (Omit<DataFrame, "bytes"> & { hex: string })[] = [];
    const data = ({ bytes, ...frame }: DataFrame) =>
      void frames.push({ ...frame, hex: Buffer.from(bytes).toString("hex") });
    new FrameDecoder().push(Buffer.from(hex, "hex"), { message: () => expect.unreachable(), data });
    expect(frames).toEqual([{ stream, isLast: last, isText: text, isAborted: aborted, hex: bytesHex }]);
    expect(receive(oneByOne(Buffer.from(hex, "hex")), true)).toEqual({ messages: [hex], error: null });
  });

  test("among messages, however the stream is cut", () => {
    const mixed = frames.flatMap(({ hex, message }, index) => {
      const data = dataFrames[index % dataFrames.length]?.hex ?? "";
      return [
        { hex, expected: JSON.stringify(message) },
        { hex: data, expected: data },
      ];
    });
    const stream = Buffer.concat(mixed.map(({ hex }) => Buffer.from(hex, "hex")));
    const expected = { messages: mixed.map(({ expected }) => expected), error: null };
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (places) => {
        expect(receive(cut(stream, places), true)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("one that is too short for its header is refused, unknown flags are ignored", () => {
    const short = Buffer.from("00000005000100000001", "hex").subarray(0, 9);
    expect(receive([short], true)).toEqual({ messages: [], error: "invalid_message" });
    expect(receive([Buffer.from("0000000600f900000001", "hex")], true).messages).toEqual(["00000006000100000001"]);
  });

  test("whatever bytes come, they are frames or a protocol error", () => {
    const frame = fc.tuple(fc.constantFrom(0x00, 0x7b, 0x20), fc.uint8Array({ maxLength: 20 })).map(([kind, bytes]) => {
      return Buffer.from([0, 0, 0, 1 + bytes.length, kind, ...bytes]);
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 20 }))), fc.boolean(), (pieces, takesStreams) => {
        const { messages, error } = receive(pieces, takesStreams);
        expect(messages.length).toBeLessThanOrEqual(pieces.length * 5);
        expect(error === null || typeof error === "string").toBe(true);
      }),
    );
  });
});

test("a message that fits to the byte is written and read; one byte more is not written", () => {
  const log = (a: string) => ({ type: "log", payload: { a } });
  const overhead = Buffer.byteLength(JSON.stringify(log("")));
  const frame = encodeFrame(log("x".repeat(MAX_FRAME_BYTES - overhead)));
  expect(frame?.length).toBe(4 + MAX_FRAME_BYTES);
  expect(receive([frame ?? Buffer.alloc(0)]).error).toBeNull();
  expect(encodeFrame(log("x".repeat(MAX_FRAME_BYTES - overhead + 1)))).toBeNull();
  expect(encodeFrame(log("é".repeat((MAX_FRAME_BYTES - overhead) / 2 + 1)))).toBeNull();
});
