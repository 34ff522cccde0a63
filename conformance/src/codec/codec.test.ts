import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeDataFrame, isDataFrame, parseDataFrame } from "./data-frame.ts";
import { CodecError, FrameReader, frameOf, MAX_FRAME_BYTES } from "./frame.ts";
import { encodeMessage, MESSAGE_TYPES, nestsDeeper, parseMessage } from "./message.ts";
import dataFrames from "../../../spec/golden/data-frames.json";
import invalidFrames from "../../../spec/golden/invalid-frames.json";
import v1HostToPlugin from "../../../spec/golden/v1-host-to-plugin.json";
import v1PluginToHost from "../../../spec/golden/v1-plugin-to-host.json";
import v2HostToPlugin from "../../../spec/golden/v2-host-to-plugin.json";
import v2PluginToHost from "../../../spec/golden/v2-plugin-to-host.json";
import v2Streams from "../../../spec/golden/v2-streams.json";

const GOLDEN = [...v1HostToPlugin, ...v1PluginToHost, ...v2HostToPlugin, ...v2PluginToHost, ...v2Streams];

/** The payloads of a stream that arrives in pieces that end at these places. */
function read(bytes: Uint8Array, ends: readonly number[]): Uint8Array[] {
  const reader = new FrameReader();
  const payloads: Uint8Array[] = [];
  let from = 0;
  for (const end of [...ends.toSorted((one, other) => one - other), bytes.length]) {
    payloads.push(...reader.push(bytes.subarray(from, end)));
    from = end;
  }
  reader.end();
  return payloads;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  return "no error";
}

const message = fc.record({
  type: fc.constantFrom(...MESSAGE_TYPES),
  timestamp: fc.string(),
  request_id: fc.string({ unit: "binary" }),
  payload: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
});

describe("frames", () => {
  test("a stream gives the same payloads however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 })),
        fc.array(fc.nat(400)),
        (payloads, places) => {
          const bytes = Buffer.concat(payloads.map((payload) => frameOf(payload)));
          const ends = places.filter((place) => place <= bytes.length);
          expect(read(bytes, ends).map((payload) => payload.toHex())).toEqual(
            payloads.map((payload) => payload.toHex()),
          );
        },
      ),
    );
  });

  test("what is encoded is decoded again, whatever the keys are called", () => {
    fc.assert(
      fc.property(message, (sent) => {
        const [payload = new Uint8Array(), ...more] = read(encodeMessage(sent), [1, 3, 7]);
        expect(more).toEqual([]);
        expect(JSON.stringify(parseMessage(payload))).toBe(JSON.stringify(JSON.parse(JSON.stringify(sent))));
      }),
    );
  });

  test("whatever bytes come, the codec answers with payloads or with an error of its own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        codeOf(() => read(bytes, []).map((payload) => parseMessage(payload)));
      }),
    );
  });

  test("nothing is kept for a length that is refused, nor before the bytes have come", () => {
    for (const length of [0, MAX_FRAME_BYTES + 1, 0xffffffff]) {
      expect(codeOf(() => new FrameReader().push(frameOf(new Uint8Array(), length)))).toBe("frame_length");
    }
    expect(new FrameReader().push(frameOf(Uint8Array.of(1), MAX_FRAME_BYTES))).toEqual([]);
  });
});

describe("golden data", () => {
  test.each(GOLDEN.map(({ name, hex, message }) => [name, hex, message] as const))("%s", (_name, hex, message) => {
    const bytes = Buffer.from(hex, "hex");
    const pieces = Array.from(bytes.keys());
    const [payload = new Uint8Array()] = read(bytes, pieces);
    expect(parseMessage(payload)).toEqual(message as never);
  });

  test.each(dataFrames.map((golden) => [golden.name, golden] as const))("data frame: %s", (_name, golden) => {
    const [payload = new Uint8Array()] = read(Buffer.from(golden.hex, "hex"), [5]);
    const { stream, last: isLast, text: isText, aborted: isAborted, bytes_hex: bytes } = golden;
    expect(isDataFrame(payload)).toBe(true);
    const parsed = parseDataFrame(payload);
    expect({ ...parsed, bytes: parsed.bytes.toHex() }).toEqual({ stream, isLast, isText, isAborted, bytes });
    expect(encodeDataFrame(parsed).toHex()).toBe(golden.hex);
  });

  test.each(invalidFrames.map(({ name, hex, error }) => [name, hex, error] as const))(
    "refused: %s",
    (_name, hex, error) => {
      const code = codeOf(() => read(Buffer.from(hex, "hex"), [2]).map((payload) => parseMessage(payload)));
      expect(code).toBe(error);
    },
  );
});

test("nesting is counted from the outermost object", () => {
  expect([nestsDeeper(1, 0), nestsDeeper({}, 0), nestsDeeper({ a: [] }, 2), nestsDeeper({ a: [[]] }, 2)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
