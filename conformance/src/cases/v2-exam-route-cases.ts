import { isObject, type JsonObject } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { EXAM_HEADERS } from "../subject/exam-headers.ts";
import { errorOf } from "../subject/http-reply.ts";
import { show } from "../subject/transcript.ts";
import { askHttp, httpRequest, ping } from "./ask-http.ts";
import { jsonOf } from "./json-of.ts";

/** From a cancel to the end of the work, on a busy machine. */
const STOP_LIMIT_MS = 2_500;

const SECTION = "http, host to plugin";

const base = { severity: "must", versions: [2], handles: "http", process: "shared", limitMs: 20_000 } as const;

/** What can only be asked of a plugin that offers the exam route: what its framework makes of requests. */
export const v2ExamRouteCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.http.text",
    title: "carries text unchanged in both directions",
    cites: { section: SECTION, says: "body is a string; a byte order mark at its start is part of it." },
    needs: ["echo"],
    advice: "Read and write JSON as UTF-8, and keep every character, U+0000 and U+FEFF as well.",
    run: async (exam) => {
      for (const body of [
        "",
        "ž 🧪 \u{10ffff} é",
        "\uFEFFmark",
        "nul \0 and\r\nlines\u2028\u2029",
        '"\\/\b\f\t',
        "1",
      ]) {
        const echoed = Buffer.from(await echo(exam, { body })).toString();
        check(echoed === body, `the body came back as ${show(echoed)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.http.bytes",
    title: "carries bytes that are not UTF-8 unchanged in both directions",
    cites: { section: SECTION, says: "A body that is not UTF-8 travels as body_base64 in place of body." },
    needs: ["echo"],
    advice: "Decode body_base64 of a request; answer with body_base64 where the bytes are not UTF-8.",
    run: async (exam) => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      for (const bytes of [
        all,
        Uint8Array.of(0xff),
        Uint8Array.of(0xc3),
        Buffer.concat([all, all, Uint8Array.of(0xed)]),
      ]) {
        const echoed = await echo(exam, { body_base64: Buffer.from(bytes).toString("base64") });
        check(Buffer.compare(echoed, bytes) === 0, `${echoed.length} bytes came back, and not those of the request`);
      }
    },
  },
  {
    ...base,
    id: "v2.http.request",
    title: "sees the request as it came",
    cites: {
      section: "Paths",
      says: "The plugin gets path and query as they came, all headers, and x-toru-user and x-toru-role from the host.",
      scenario: "Plugin Routes: Register plugin routes",
    },
    needs: ["request"],
    advice: "Hand method, path, query and headers on without decoding or sorting; a repeated header keeps all values.",
    run: async (exam) => {
      const target = "/__exam/request?b=2&a=%2F%20%C3%A9&a=&plus=1+1";
      const headers = { ...EXAM_HEADERS, "x-exam": ["one", "two"], "x-one": "a, b" };
      const connection = await exam.connection();
      const reply = await askHttp(connection, exam.manifest.route + target, { method: "PUT", headers, body: "x" });
      const seen = await jsonOf(connection, reply);
      check(seen["method"] === "PUT", `the method that it saw was ${show(seen["method"])}`);
      const path = String(seen["target"]);
      check(
        path === target || path === exam.manifest.route + target,
        `the path and query that it saw were ${show(path)}`,
      );
      const seenHeaders = isObject(seen["headers"]) ? seen["headers"] : {};
      for (const [name, value] of Object.entries(headers)) {
        const joined = [value].flat().join(", ");
        const came = [seenHeaders[name]].flat().join(", ");
        check(came === joined, `the header ${name} that it saw was ${show(seenHeaders[name])}, not ${show(joined)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.http.cookies",
    title: "answers with several values of one header",
    cites: { section: SECTION, says: "headers maps a name to a list of strings where the name occurs several times." },
    needs: ["cookies"],
    advice: "Make a list of repeated headers. Set-Cookie must never be joined by commas.",
    run: async (exam) => {
      const reply = await askHttp(await exam.connection(), `${exam.manifest.route}/__exam/cookies`);
      const cookies = isObject(reply["headers"]) ? reply["headers"]["set-cookie"] : undefined;
      check(JSON.stringify(cookies) === '["a=1","b=2; Path=/"]', `set-cookie was ${show(cookies)}`);
    },
  },
  {
    ...base,
    id: "v2.http.large-answer",
    title: "sends an answer of 8 MiB",
    cites: { section: "Limits", says: "A frame has 1 byte to 16 MiB." },
    needs: ["large"],
    advice: "Write on until the whole frame is out: one write may take less.",
    limitMs: 30_000,
    run: async (exam) => {
      const bytes = 8 * 1024 * 1024;
      const connection = await exam.connection();
      const reply = await askHttp(connection, `${exam.manifest.route}/__exam/large?bytes=${bytes}`);
      const { length } = await connection.bodyOf(reply);
      check(length === bytes, `an answer with ${length} bytes: ${show(reply)}`);
    },
  },
  {
    ...base,
    id: "v2.http.answer-too-large",
    title: "answers by an error, or as a stream, what does not fit a frame",
    cites: { section: SECTION, says: "A request that failed is answered by an error; N is at most 16 MiB." },
    needs: ["large"],
    advice: "Measure the encoded frame before it is sent; over the limit send an error reply and a log line instead.",
    limitMs: 40_000,
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam/large?bytes=${17 * 1024 * 1024}`), id);
      const { payload } = await connection.reply("http", id, 20_000);
      const isRefused = errorOf(payload) !== null || Number(payload["status"]) >= 500;
      check(isRefused || typeof payload["stream"] === "number", `it was answered by ${show(payload)}`);
      if (!isRefused) await connection.bodyOf(payload);
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.http.failure",
    title: "answers a request whose handler failed, and serves on",
    cites: {
      section: "Messages",
      says: "A request that failed is answered by an error with code and message.",
      scenario: "Plugin Protocol: Handle plugin error",
    },
    needs: ["fail"],
    advice: 'Catch whatever a handler throws; answer with {"error": {"code", "message"}}, and log the details.',
    run: async (exam) => {
      const connection = await exam.connection();
      const reply = await askHttp(connection, `${exam.manifest.route}/__exam/fail`);
      const error = errorOf(reply);
      const isError = typeof error?.["code"] === "string" && typeof error["message"] === "string";
      check(isError || Number(reply["status"]) >= 500, `it was answered by ${show(reply)}`);
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.http.slow-and-quick",
    title: "answers a quick request while a slow one is being worked on",
    cites: { section: "Version 2", says: "Either side sends requests at any time and answers them in any order." },
    severity: "should",
    needs: ["sleep"],
    advice: "Work on every request in a task or a thread of its own.",
    run: async (exam) => {
      const connection = await exam.connection();
      const slow = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam/sleep?ms=1500`), slow);
      await askHttp(connection, `${exam.manifest.route}/__exam/sleep?ms=0`);
      check(connection.replies(slow).length === 0, "the quick answer came only after the one that took 1.5 s");
      await connection.reply("http", slow);
    },
  },
  {
    ...base,
    id: "v2.cancel.stops",
    title: "stops the work of a cancelled request",
    cites: { section: SECTION, says: "cancel: nobody waits any more; a reply, should it come, is dropped." },
    severity: "should",
    needs: ["sleep", "cancelled"],
    advice: "Cancel the handler in the language's own idiom: a cancelled task, a signal, a context.",
    run: async (exam) => {
      const connection = await exam.connection();
      const before = await cancelledCount(exam);
      const id = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam/sleep?ms=9000`), id);
      await ping(connection);
      await connection.send("http", { cancel: true }, id);
      const deadline = performance.now() + STOP_LIMIT_MS;
      for (;;) {
        if ((await cancelledCount(exam)) > before) return;
        check(performance.now() < deadline, "its handler went on", `a request of 9 s and a cancel of it`);
        await Bun.sleep(20);
      }
    },
  },
];

async function echo(exam: Exam, body: JsonObject): Promise<Uint8Array> {
  const headers = { ...EXAM_HEADERS, "content-type": "application/octet-stream" };
  const request = { method: "POST", headers, ...body };
  const connection = await exam.connection();
  const reply = await askHttp(connection, `${exam.manifest.route}/__exam/echo`, request);
  check(reply["status"] === 200, `echo was answered by ${show(reply)}`);
  return connection.bodyOf(reply);
}

async function cancelledCount(exam: Exam): Promise<number> {
  const connection = await exam.connection();
  const reply = await askHttp(connection, `${exam.manifest.route}/__exam/cancelled`);
  return Number((await jsonOf(connection, reply))["cancelled"]);
}
