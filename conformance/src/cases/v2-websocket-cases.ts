import { check } from "../exam-failure.ts";
import type { JsonObject } from "../codec/message.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { show } from "../subject/transcript.ts";
import type { V2Connection } from "../subject/v2-connection.ts";
import { httpRequest, ping } from "./ask-http.ts";

/** From the end of the client's side to the end of the plugin's. */
const CLOSE_LIMIT_MS = 3_000;

const SECTION = "The feature `websocket`";

const base = {
  severity: "must",
  versions: [2],
  handles: "http",
  feature: "websocket",
  process: "shared",
  limitMs: 20_000,
} as const;

/** WebSockets, for plugins that take up the feature. */
export const v2WebsocketCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.websocket.answers",
    title: "answers a WebSocket for any path",
    cites: {
      section: SECTION,
      says: "Status 101 and a stream take it up; any other reply is the answer to the client.",
    },
    advice: "Answer status 404 where there is no WebSocket. Status 101 needs a stream of your own.",
    run: async (exam) => {
      const connection = await exam.connection();
      const { status, stream } = await upgrade(exam, connection, "/__exam-unknown", 21);
      const isRefused = typeof status === "number" && status >= 200 && status <= 599;
      check(
        isRefused || (status === 101 && typeof stream === "number"),
        `status ${show(status)}, stream ${show(stream)}`,
      );
      await connection.endStream(21, true);
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.websocket.echo",
    title: "takes and sends the messages of a WebSocket one by one, text as text and bytes as bytes",
    cites: { section: SECTION, says: "A data frame is a message, with flag 2 for text, of at most 128 KiB." },
    needs: ["websocket"],
    advice: "Hand each data frame to the code as one message, and send each of its messages as one data frame.",
    run: async (exam) => {
      const connection = await exam.connection();
      const { stream } = await upgrade(exam, connection, "/__exam/websocket", 22);
      check(typeof stream === "number", "it was not taken up with a stream");
      const messages: [Uint8Array, boolean][] = [
        [Buffer.from("ž 🧪"), true],
        [Uint8Array.of(0, 0xff, 0x80), false],
        [new Uint8Array(), true],
        [Buffer.alloc(128 * 1024, "x"), true],
      ];
      for (const [bytes, isText] of messages) await connection.sendOnSocket(22, bytes, isText);
      const incoming = await connection.waitFor("fewer messages came back", () => {
        const found = connection.streams.incoming(stream);
        return found !== undefined && found.pieces.length >= messages.length ? found : undefined;
      });
      for (const [index, [bytes, isText]] of messages.entries()) {
        const isSame = Buffer.compare(incoming.pieces[index] ?? new Uint8Array(), bytes) === 0;
        check(isSame && incoming.areText[index] === isText, `message ${index + 1} came back changed`);
      }
      await connection.endStream(22);
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.websocket.close",
    title: "ends its side of a WebSocket when the client has gone",
    cites: { section: SECTION, says: "Flag 1 closes: the host's when the client has gone." },
    severity: "should",
    needs: ["websocket"],
    advice: "At the last frame of the host's stream end the work on the WebSocket, and send a last frame.",
    run: async (exam) => {
      const connection = await exam.connection();
      const { stream } = await upgrade(exam, connection, "/__exam/websocket", 23);
      check(typeof stream === "number", "it was not taken up with a stream");
      await connection.endStream(23);
      const isLast = () => connection.streams.incoming(stream)?.isLast === true || undefined;
      await connection.waitFor(`no last frame on stream ${stream}`, isLast, CLOSE_LIMIT_MS);
    },
  },
];

/** Asks for a WebSocket on which the exam sends by this stream, and returns the payload of the reply. */
function upgrade({ manifest }: Exam, connection: V2Connection, path: string, stream: number): Promise<JsonObject> {
  const { body: _none, ...request } = httpRequest(manifest.route + path, { upgrade: "websocket", stream });
  return connection.ask("http", request);
}
