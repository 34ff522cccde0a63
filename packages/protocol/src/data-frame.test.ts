import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DATA_HEADER_BYTES, encodeDataFrame, parseDataFrame } from "./data-frame.ts";
import { FRAME_HEADER_BYTES, FrameDecoder } from "./frame.ts";
import { GOLDEN_DATA_FRAMES } from "./golden-cases.ts";
import { ProtocolError } from "./protocol-error.ts";

describe("data frames", () => {
  test.each(GOLDEN_DATA_FRAMES)("are read and written byte for byte: $name", (golden) => {
    const { hex, stream, last, text, aborted, bytes_hex: bytes } = golden;
    const payload = Buffer.from(hex, "hex").subarray(FRAME_HEADER_BYTES);
    const frame = parseDataFrame(payload);
    expect({ ...frame, bytes: Buffer.from(frame.bytes).toString("hex") }).toEqual({
      stream,
      bytes,
      isLast: last,
      isText: text,
      isAborted: aborted,
    });
    expect(encodeDataFrame(frame).toString("hex")).toBe(hex);
  });

  test("any frame comes back as it went, among others on one connection", () => {
    const frame = fc.record({
      stream: fc.integer({ min: 0, max: 0xffff_ffff }),
      bytes: fc.uint8Array({ maxLength: 100 }),
      isLast: fc.boolean(),
      isText: fc.boolean(),
      isAborted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), (frames) => {
        const payloads = new FrameDecoder().push(Buffer.concat(frames.map((one) => encodeDataFrame(one))));
        const read = payloads.map((payload) => parseDataFrame(payload));
        for (const [index, frame] of frames.entries()) {
          const { bytes, ...facts } = read[index] ?? { bytes: new Uint8Array() };
          expect(Buffer.from(bytes).equals(frame.bytes)).toBe(true);
          expect(facts).toEqual({
            stream: frame.stream,
            isLast: frame.isLast,
            isText: frame.isText,
            isAborted: frame.isAborted,
          });
        }
      }),
    );
  });

  test("a frame that is too short for its own fields is refused; unknown flags are ignored", () => {
    for (let length = 1; length < DATA_HEADER_BYTES; length += 1)
      expect(() => parseDataFrame(new Uint8Array(length))).toThrow(ProtocolError);
    expect(parseDataFrame(new Uint8Array([0, 0xf9, 0, 0, 0, 1]))).toMatchObject({ stream: 1, isLast: true });
  });
});
