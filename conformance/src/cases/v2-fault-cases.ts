import { MAX_FRAME_BYTES, frameOf } from "../codec/frame.ts";
import { encodeMessage } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { ping } from "./ask-http.ts";
import { stays } from "./stays.ts";

/** A plugin gets so long to close a connection on which it was told nonsense. */
const CLOSE_LIMIT_MS = 3_000;

const SECTION = "Frames";
const SAYS = "A breach is a protocol error: the connection is closed. The host then connects and sends init again.";

const base = { severity: "should", versions: [2], process: "own", limitMs: 40_000 } as const;

interface BadFrame {
  what: string;
  bytes: Uint8Array;
}

const text = (words: string) => frameOf(new TextEncoder().encode(words));

/** What a plugin does with bytes that no host sends. The host closes such connections; a plugin should do the same. */
export const v2FaultCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.faults.length",
    title: "closes the connection at a length that is not allowed, and serves the next one",
    cites: { section: SECTION, says: `N is 1 to 16 MiB; any other N is refused before memory is set aside. ${SAYS}` },
    advice: "Check the length before you read on; close the connection where it is 0 or over 16 MiB, and accept again.",
    run: (exam) =>
      closesAt(exam, [
        { what: "the length 0", bytes: frameOf(new Uint8Array()) },
        { what: "the length 16 MiB + 1", bytes: frameOf(Uint8Array.of(0x7b), MAX_FRAME_BYTES + 1) },
        { what: "the length 0xffffffff", bytes: frameOf(Uint8Array.of(0x7b), 0xffffffff) },
      ]),
  },
  {
    ...base,
    id: "v2.faults.kind",
    title: "closes the connection at a frame that is no JSON message, and serves the next one",
    cites: { section: SECTION, says: `The first byte is { or, with the feature stream, 0x00. ${SAYS}` },
    advice:
      "Look at the first byte before parsing; a data frame (0x00) is an error as long as no feature was taken up.",
    run: (exam) =>
      closesAt(exam, [
        // With the feature `stream` it is shorter than a data frame can be, without it there are no data frames.
        { what: "a frame that starts with 0x00", bytes: frameOf(Uint8Array.of(0, 1, 0)) },
        { what: "a frame that holds a list", bytes: text("[]") },
      ]),
  },
  {
    ...base,
    id: "v2.faults.json",
    title: "closes the connection at invalid JSON or UTF-8, and serves the next one",
    cites: { section: SECTION, says: `A JSON message is one object in UTF-8. ${SAYS}` },
    advice: "Catch what the parser throws, close the connection, and accept again. Do not let it end the process.",
    run: (exam) =>
      closesAt(exam, [
        { what: "a frame with JSON that is not closed", bytes: text('{"type": ') },
        { what: "a frame with invalid UTF-8", bytes: frameOf(Buffer.from('{"type":"log","a":"\xff"}', "latin1")) },
      ]),
  },
  {
    ...base,
    id: "v2.faults.truncated",
    title: "survives a connection that ends inside a frame, and serves the next one",
    cites: { section: SECTION, says: `frame_truncated: the connection ended inside a frame. ${SAYS}` },
    advice: "Take end of file for the end of the connection wherever it comes, and accept again.",
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.ready();
      const frame = encodeMessage(connection.message("lifecycle", { action: "ping" }, "half"));
      await connection.sendBytes(frame.subarray(0, 20), "the first 20 bytes of a frame");
      connection.close();
      await ping(await plugin.ready());
      await stays(plugin);
    },
  },
];

async function closesAt(exam: Exam, frames: readonly BadFrame[]): Promise<void> {
  const plugin = exam.start();
  for (const { what, bytes } of frames) {
    const connection = await plugin.ready();
    await connection.sendBytes(bytes, what);
    const isClosed = await connection.closedWithin(CLOSE_LIMIT_MS);
    check(isClosed, `the connection was still open ${CLOSE_LIMIT_MS / 1000} s later`);
    connection.close();
    await stays(plugin);
  }
  await ping(await plugin.ready());
}
