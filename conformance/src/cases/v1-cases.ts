import { encodeMessage } from "../codec/message.ts";
import { MAX_FRAME_BYTES } from "../codec/frame.ts";
import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { EXAM_HEADERS } from "../subject/exam-headers.ts";
import { describeEnd } from "../subject/running-plugin.ts";
import { show } from "../subject/transcript.ts";
import type { V1Message } from "../subject/v1-exchange.ts";
import { v1Http, v1Init, v1Kv, v1Shutdown } from "../subject/v1-messages.ts";
import { answerTo, replyTo, unknownPath } from "./ask-v1.ts";
import { stays } from "./stays.ts";

/** From the end of the host's writing side to the end of the connection. */
const CLOSE_LIMIT_MS = 3_000;

const SECTION = "Version 1";
const SCENARIO = "Plugin API Contract: Plugin handles HTTP request";

const base = { severity: "must", versions: [1], process: "shared", limitMs: 25_000 } as const;
const http = { ...base, handles: "http" } as const;

/** Version 1: one connection for each message. */
export const v1Cases: readonly ExamCase[] = [
  {
    ...http,
    id: "v1.init",
    title: "serves requests after init, which has no reply",
    cites: {
      section: SECTION,
      says: "init comes on a connection of its own, which the host closes after the write; no reply is due.",
      scenario: "Plugin Protocol: Send init message",
    },
    gate: "all",
    advice: "Read one message of each connection, close it when the host does, and accept the next.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      await replyTo(plugin, unknownPath(plugin, "1"));
      await stays(plugin);
    },
  },
  {
    ...http,
    id: "v1.http.answers",
    title: "answers a request for any path, directly or wrapped",
    cites: {
      section: SECTION,
      says: "A reply is direct, {status, headers, body}, or wrapped: their JSON text as the body of a message.",
      scenario: SCENARIO,
    },
    advice: "Answer what you do not know with status 404, in one of the two shapes.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      for (const below of ["", "/", "/__exam-unknown?x=1", "/bundle.js"]) {
        const answer = await answerTo(plugin, v1Http("path", plugin.manifest.route + below));
        check(answer?.kind === "http", `${below} was answered by ${show(answer)}`);
        const { status } = answer;
        check(Number.isInteger(status) && status >= 200 && status <= 599, `the status ${status}`);
      }
    },
  },
  {
    ...http,
    id: "v1.http.request-id",
    title: "gives the reply the request_id of the request",
    cites: { section: "Messages", says: "A reply has the type and request_id of its request." },
    advice: "Copy request_id from the message.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      const id = "exam-ž-42";
      const { message } = await replyTo(plugin, unknownPath(plugin, id));
      const came = message.request_id ?? message.payload["request_id"];
      check(came === undefined || came === null || came === id, `a reply with the request_id ${show(came)}`);
    },
  },
  {
    ...http,
    id: "v1.http.methods",
    title: "answers every method, with a body and without",
    cites: { section: SECTION, says: "body is a string or null, a header one string." },
    advice: "Expect null for a body. Answer a method that you do not serve with status 405.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
        const body = method === "POST" || method === "PUT" ? '{"text": "ž 🧪"}' : null;
        const headers = { ...EXAM_HEADERS, "content-type": "application/json", "x-exam": "one, two" };
        const request = v1Http("method", `${plugin.manifest.route}/__exam-unknown`, { method, headers, body });
        const answer = await answerTo(plugin, request);
        check(answer?.kind === "http", `${method} was answered by ${show(answer)}`);
      }
    },
  },
  {
    ...http,
    id: "v1.http.at-once",
    title: "answers connections that come at the same time",
    cites: {
      section: SECTION,
      says: "A plugin may serve one connection at a time with a backlog of 1: the host waits.",
    },
    advice: "Accept the next connection as soon as one has ended, or serve each in a thread.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => answerTo(plugin, unknownPath(plugin, `at-once-${index}`))),
      );
    },
  },
  {
    ...http,
    id: "v1.frames.bytewise",
    title: "reads a frame that arrives one byte at a time",
    cites: { section: "Frames", says: "A receiver must take a frame in pieces of any size." },
    advice: "Read on until the 4 bytes of the length, then the N bytes are complete.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      await answerTo(plugin, unknownPath(plugin, "bytewise"), { bytewise: true });
    },
  },
  {
    ...http,
    id: "v1.frames.largest",
    title: "reads a frame of 16 MiB",
    cites: { section: "Limits", says: "A frame has 1 byte to 16 MiB, without its length." },
    advice: "Allow 16 * 1024 * 1024 bytes behind the length, and read them in whatever pieces they come.",
    limitMs: 40_000,
    run: async (exam) => {
      const plugin = await exam.plugin();
      const message = unknownPath(plugin, "large");
      const empty = encodeMessage({ ...message, padding: "" }).length - 4;
      await answerTo(plugin, { ...message, padding: "x".repeat(MAX_FRAME_BYTES - empty) });
    },
  },
  {
    ...http,
    id: "v1.messages.unknown-fields",
    title: "ignores fields that it does not know",
    cites: { section: "Messages", says: "Unknown fields are ignored; keys such as __proto__ are plain data." },
    advice: "Take the fields that you know, and let the rest be.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      const message = unknownPath(plugin, "unknown");
      const extra = '{"later":{"a":[1,null]},"__proto__":{"type":"log"},';
      const payload = JSON.parse(extra + JSON.stringify(message.payload).slice(1)) as V1Message["payload"];
      await answerTo(plugin, { ...message, later: [1], payload });
    },
  },
  {
    ...http,
    id: "v1.half-close",
    title: "closes a connection whose other side has ended without a whole message",
    cites: {
      section: SECTION,
      says: "The host closes its writing side: a plugin that gave up reads end of file and closes.",
    },
    advice: "Take end of file for the end of the connection, close it, and accept the next one.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      const socket = await plugin.openV1();
      const ended = Promise.withResolvers<"ended">();
      socket.listen({ onData: () => ended.resolve("ended"), onEnd: () => ended.resolve("ended") });
      const sent = "the first 30 bytes of a frame, then the end of the writing side";
      plugin.transcript.add("sent", sent);
      await socket.write(encodeMessage(unknownPath(plugin, "half")).subarray(0, 30));
      socket.endWrites();
      const first = await Promise.race([ended.promise, Bun.sleep(CLOSE_LIMIT_MS)]);
      socket.close();
      check(first === "ended", `the connection was still open ${CLOSE_LIMIT_MS / 1000} s later`, sent);
      await answerTo(plugin, unknownPath(plugin, "behind"));
    },
  },
  {
    ...http,
    id: "v1.cancel",
    title: "survives a connection that the host closes before the reply",
    cites: { section: SECTION, says: "To cancel, the host closes the connection." },
    advice: "Expect EPIPE when writing the reply: catch it, close, and accept the next connection.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      for (const id of ["cancel-1", "cancel-2", "cancel-3"]) {
        const socket = await plugin.openV1();
        plugin.transcript.add("sent", `an http request and the end of the connection, before the reply`);
        await socket.write(encodeMessage(unknownPath(plugin, id)));
        socket.close();
      }
      await answerTo(plugin, unknownPath(plugin, "behind"));
    },
  },
  {
    ...base,
    id: "v1.kv",
    title: "performs kv requests of the host and answers with the value",
    cites: {
      section: SECTION,
      says: "kv is answered by {value}, directly or wrapped, also in a message of type http.",
      scenario: "Plugin API Contract: Plugin handles KV operation",
    },
    handles: "kv",
    advice: "Answer Get with the value or null, Set and Delete with null. Or take kv out of handles.",
    run: async (exam) => {
      const plugin = await exam.plugin();
      await expectKv(exam, v1Kv("kv-1", "set", "exam", "ž 🧪"), null);
      await expectKv(exam, v1Kv("kv-2", "get", "exam", null), "ž 🧪");
      await expectKv(exam, v1Kv("kv-3", "delete", "exam", null), null);
      await expectKv(exam, v1Kv("kv-4", "get", "exam", null), null);
      check(plugin.process.end === null, "the process ended");
    },
  },
  {
    ...base,
    id: "v1.shutdown",
    title: "exits with code 0 within 5 s after shutdown",
    cites: {
      section: "The process",
      says: "A shutdown message, 5 s later SIGTERM. A plugin should finish what is in flight and exit with code 0.",
      scenario: "Plugin Lifecycle: Disable plugin",
    },
    severity: "should",
    process: "own",
    advice: "End the process with exit code 0 when shutdown comes, without a reply.",
    run: async (exam) => {
      const plugin = exam.start();
      await plugin.tellV1(v1Init(plugin));
      await plugin.tellV1(v1Shutdown());
      const end = await plugin.endedWithin(5_000);
      check(end !== null, "it still ran 5 s later");
      check(end.code === 0, `${describeEnd(end)} instead of 0`);
    },
  },
];

async function expectKv(exam: Exam, message: V1Message, wanted: string | null): Promise<void> {
  const answer = await answerTo(await exam.plugin(), message);
  if (answer?.kind === "error") return; // a refusal is an answer
  check(answer?.kind === "kv" && answer.value === wanted, `it was answered by ${show(answer)}, not by ${show(wanted)}`);
}
