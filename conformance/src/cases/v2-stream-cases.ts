import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { EXAM_HEADERS } from "../subject/exam-headers.ts";
import { show } from "../subject/transcript.ts";
import type { V2Connection } from "../subject/v2-connection.ts";
import { STREAM_WINDOW_BYTES } from "../subject/v2-streams.ts";
import { askHttp, httpRequest, ping } from "./ask-http.ts";

/** How long the exam grants nothing, for what must not come. */
const HELD_MS = 300;
/** From a stop to the last frame. */
const STOP_LIMIT_MS = 3_000;

const SECTION = "The feature `stream`";

const base = {
  severity: "must",
  versions: [2],
  handles: "http",
  feature: "stream",
  process: "shared",
  limitMs: 25_000,
} as const;

/** Bodies of any size, for plugins that take up the feature `stream`. */
export const v2StreamCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.stream.request",
    title: "takes a body as a stream, and grants what it has taken",
    cites: { section: SECTION, says: "The bytes follow in data frames; the receiver grants those that it has taken." },
    needs: ["echo"],
    advice: 'Send {"stream": n, "credit": bytes} in steps of 64 KiB as the body is read, until the last frame.',
    run: async (exam) => {
      const connection = await exam.connection();
      const body = Uint8Array.from({ length: 3 * STREAM_WINDOW_BYTES + 7 }, (_, index) => index * 31 + (index >> 8));
      const echoed = await echoStream(exam, connection, 1, body);
      check(Buffer.compare(echoed, body) === 0, `${echoed.length} bytes came back, and not those of the request`);
    },
  },
  {
    ...base,
    id: "v2.stream.together",
    title: "keeps streams that run at the same time apart",
    cites: { section: SECTION, says: "n tells to which stream a data frame belongs; both sides may use the same n." },
    needs: ["echo"],
    advice: "Keep a table from n to the stream for each direction.",
    run: async (exam) => {
      const connection = await exam.connection();
      const streams = [1, 2, 3, 4_294_967_295];
      const bodies = streams.map((_, index) => Buffer.alloc(STREAM_WINDOW_BYTES + 1000 * index, 97 + index));
      const echoed = await Promise.all(
        bodies.map((body, index) => echoStream(exam, connection, streams[index] ?? 0, body)),
      );
      for (const [index, body] of bodies.entries()) {
        const came = echoed[index] ?? new Uint8Array();
        check(Buffer.compare(came, body) === 0, `stream ${streams[index]} came back as ${came.length} other bytes`);
      }
    },
  },
  {
    ...base,
    id: "v2.stream.window",
    title: "sends no more on a stream than it was granted, and goes on with everything else",
    cites: { section: SECTION, says: "A sender may have 256 KiB on a stream that the receiver has not granted anew." },
    needs: ["large"],
    advice: "Count what you send on each stream; at 256 KiB wait for credit. Hold up that stream alone.",
    run: async (exam) => {
      const connection = await exam.connection();
      const bytes = 4 * STREAM_WINDOW_BYTES;
      connection.streams.grantsAtOnce = false;
      const reply = await askHttp(connection, `${exam.manifest.route}/__exam/large?bytes=${bytes}`);
      const stream = Number(reply["stream"]);
      await connection.closedWithin(HELD_MS); // what is too much comes in this time, and fails the case
      const came = connection.streams.incoming(stream)?.bytes ?? 0;
      check(came <= STREAM_WINDOW_BYTES, `${came} bytes that were not granted`);
      await ping(connection);
      connection.streams.grantsAtOnce = true;
      connection.streams.grant(stream);
      const { length } = await connection.bodyOf(reply);
      check(length === bytes, `${length} bytes in place of ${bytes}`);
    },
  },
  {
    ...base,
    id: "v2.stream.stop",
    title: "ends a stream that the host stops",
    cites: { section: SECTION, says: "A receiver that wants no more says stop; the sender answers with a last frame." },
    needs: ["large"],
    advice: "At stop end the work on that body, send a frame with flag 1, and forget the stream.",
    run: async (exam) => {
      const connection = await exam.connection();
      connection.streams.grantsAtOnce = false;
      const path = `${exam.manifest.route}/__exam/large?bytes=${16 * STREAM_WINDOW_BYTES}`;
      const { stream } = await askHttp(connection, path);
      if (typeof stream === "number") {
        await connection.send("http", { stream, stop: true });
        const isLast = () => connection.streams.incoming(stream)?.isLast === true || undefined;
        await connection.waitFor(`no last frame on stream ${stream}`, isLast, STOP_LIMIT_MS);
      } // else it answered with a body, as it always may
      connection.streams.grantsAtOnce = true;
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.stream.aborted",
    title: "survives a body that is cut short, with a cancel and without",
    cites: { section: SECTION, says: "Flag 4 with the last frame: what came is not all." },
    needs: ["echo"],
    advice: "Let whoever reads the body fail; answer the request by an error, and serve on.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = await startStream(exam, connection, 5);
      await connection.sendStream(5, new Uint8Array(1000), true);
      const { payload } = await connection.reply("http", id);
      check(payload["status"] !== undefined || payload["error"] !== undefined, `it was answered by ${show(payload)}`);
      const cancelled = await startStream(exam, connection, 6);
      await connection.send("http", { cancel: true }, cancelled);
      await connection.sendStream(6, new Uint8Array(1000), true);
      await ping(connection);
    },
  },
];

/** Sends the request whose body is to come on this stream, and returns its id. */
async function startStream({ manifest }: Exam, connection: V2Connection, stream: number): Promise<string> {
  const id = connection.nextId();
  const headers = { ...EXAM_HEADERS, "content-type": "application/octet-stream" };
  const { body: _none, ...request } = httpRequest(`${manifest.route}/__exam/echo`, { method: "POST", headers, stream });
  await connection.send("http", request, id);
  return id;
}

/** What comes back of a body that is sent as a stream. */
async function echoStream(exam: Exam, connection: V2Connection, stream: number, body: Uint8Array): Promise<Uint8Array> {
  const id = await startStream(exam, connection, stream);
  const [reply] = await Promise.all([connection.reply("http", id), connection.sendStream(stream, body)]);
  check(reply.payload["status"] === 200, `it was answered by ${show(reply.payload)}`);
  return connection.bodyOf(reply.payload);
}
