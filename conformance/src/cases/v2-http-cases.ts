import type { JsonObject } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { ExamCase } from "../exam/exam-case.ts";
import { bodyProblem, errorOf, headersProblem, statusProblem } from "../subject/http-reply.ts";
import { show } from "../subject/transcript.ts";
import { askHttp, askTogether, httpRequest, ping } from "./ask-http.ts";

const SECTION = "http, host to plugin";
const SCENARIO = "Plugin API Contract: Plugin handles HTTP request";

const base = { severity: "must", versions: [2], handles: "http", process: "shared", limitMs: 20_000 } as const;

/** What holds for the http requests of any plugin, whatever its routes. */
export const v2HttpCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.http.reply",
    title: "replies to a request, by a message of its type",
    cites: { section: "Messages", says: "A reply has the type and request_id of its request.", scenario: SCENARIO },
    gate: "http",
    advice: "Answer every request that has a method, also one for a path that you do not know: with status 404.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam-unknown`), id);
      const reply = await connection.reply("http", id);
      check(reply.type === "http", `a request of type http was answered by ${show(reply)}`);
    },
  },
  {
    ...base,
    id: "v2.http.answers",
    title: "answers a request for any path",
    cites: { section: SECTION, says: "A request is answered by status, headers and body.", scenario: SCENARIO },
    advice:
      "Answer what you do not know with status 404. An error reply makes 502 of it, and says that you are broken.",
    run: async (exam) => {
      const connection = await exam.connection();
      for (const reply of await askTogether(connection, unknownPaths(exam.manifest.route))) {
        check(errorOf(reply) === null, `an unknown path was answered by ${show(reply)}`);
        check(reply["status"] !== undefined, `a reply without a status: ${show(reply)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.http.status",
    title: "gives every answer a status of 200 to 599",
    cites: { section: SECTION, says: "status is 200 to 599; the client of any other gets 502.", scenario: SCENARIO },
    advice: "Send status as a whole number.",
    run: async (exam) => askForProblems(await repliesTo(exam), statusProblem),
  },
  {
    ...base,
    id: "v2.http.headers",
    title: "gives headers as lower-case names with a string or a list of strings each",
    cites: { section: SECTION, says: "headers maps a lower-case name to a string, or to a list of strings." },
    advice: "Send an object, also where there are no headers. Numbers become text; no line feeds in values.",
    run: async (exam) => askForProblems(await repliesTo(exam), headersProblem),
  },
  {
    ...base,
    id: "v2.http.body",
    title: "gives a body as a string, null, or body_base64 in its place",
    cites: {
      section: SECTION,
      says: "body is a string or null; what is not UTF-8 travels as body_base64 in place of it.",
    },
    advice: "Turn objects into JSON text yourself. Use one of body and body_base64, the latter with padding.",
    run: async (exam) => askForProblems(await repliesTo(exam), bodyProblem),
  },
  {
    ...base,
    id: "v2.http.methods",
    title: "answers every method",
    cites: { section: SECTION, says: "A request has a method, whichever the client used; each is answered." },
    advice: "Answer a method that you do not serve with status 405.",
    run: async (exam) => {
      const connection = await exam.connection();
      const path = `${exam.manifest.route}/__exam-unknown`;
      for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
        const reply = await askHttp(connection, path, { method });
        check(errorOf(reply) === null && reply["status"] !== undefined, `${method} was answered by ${show(reply)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.http.head",
    title: "answers HEAD without a body",
    cites: {
      section: SECTION,
      says: "body is null where there is none; an answer to HEAD has none in HTTP (RFC 9110).",
    },
    severity: "should",
    advice: "Answer HEAD as GET, with body null.",
    run: async (exam) => {
      const path = `${exam.manifest.route}/__exam-unknown`;
      const connection = await exam.connection();
      const { length } = await connection.bodyOf(await askHttp(connection, path, { method: "HEAD" }));
      check(length === 0, `a body of ${length} bytes`);
    },
  },
  {
    ...base,
    id: "v2.http.header-lists",
    title: "takes a request whose header is a list",
    cites: { section: SECTION, says: "A header is a list of strings where the name occurs several times." },
    advice: "Expect a string or a list as the value of each header.",
    run: async (exam) => {
      const headers = { "x-exam": ["one", "two"], cookie: "a=1", accept: ["text/html", "*/*"] };
      await expectAnswer(exam, { headers });
    },
  },
  {
    ...base,
    id: "v2.http.body-base64",
    title: "takes a request whose body is not UTF-8",
    cites: { section: SECTION, says: "A body that is not UTF-8 travels as body_base64 in place of body." },
    advice: "Look for body_base64 where there is no body; do not require the field body.",
    run: async (exam) => {
      const body = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)).toString("base64");
      const headers = { "content-type": "application/octet-stream" };
      await expectAnswer(exam, { method: "POST", headers, body_base64: body });
    },
  },
  {
    ...base,
    id: "v2.http.long",
    title: "takes a request with a long path and many headers",
    cites: { section: SECTION, says: "path and headers are as they came; the frame's 16 MiB are their only limit." },
    advice: "Set no limit of your own below that of the frame, or answer 414 and 431.",
    run: async (exam) => {
      const many = Array.from({ length: 200 }, (_, index) => [`x-exam-${index}`, "v".repeat(100)] as const);
      const headers = { ...Object.fromEntries(many), cookie: "c".repeat(16 * 1024) };
      await expectAnswer(exam, { path: `${exam.manifest.route}/__exam-unknown?${"q".repeat(16 * 1024)}`, headers });
    },
  },
  {
    ...base,
    id: "v2.http.body-nested",
    title: "takes a request whose body is JSON nested 100 levels deep",
    cites: { section: "Limits", says: "JSON bodies are nested at most 100 levels deep." },
    advice: "The body is text; whoever parses it must bear 100 levels, or answer 400.",
    run: async (exam) => {
      const body = `${"[".repeat(100)}${"]".repeat(100)}`;
      await expectAnswer(exam, { method: "POST", headers: { "content-type": "application/json" }, body });
    },
  },
  {
    ...base,
    id: "v2.http.concurrent",
    title: "answers many requests at once, each once and under its own id",
    cites: { section: "Version 2", says: "Either side sends requests at any time and answers them in any order." },
    advice: "Answer with the request_id of the request, once. Keep no state of a request in a place that all share.",
    limitMs: 30_000,
    run: async (exam) => {
      const connection = await exam.connection();
      const ids = Array.from({ length: 50 }, () => connection.nextId());
      const path = (id: string) => `${exam.manifest.route}/__exam-unknown/${id}`;
      await Promise.all(ids.map((id) => connection.send("http", httpRequest(path(id)), id)));
      for (const id of ids) await connection.reply("http", id);
      await ping(connection); // a second reply to one of them would come before this
      const doubled = ids.find((id) => connection.replies(id).length !== 1);
      check(doubled === undefined, `${connection.replies(doubled ?? "").length} replies to the request ${doubled}`);
    },
  },
  {
    ...base,
    id: "v2.replies.unknown",
    title: "ignores replies to requests that it never sent",
    cites: {
      section: "Messages",
      says: "A reply that is late, doubled or to an unknown id is dropped and changes nothing.",
    },
    advice: "Look the request_id up in what you are waiting for, and drop what is not there.",
    run: async (exam) => {
      const connection = await exam.connection();
      await connection.send("kv", { value: "late" }, "exam-unknown-1");
      await connection.send("kv", { keys: ["late"], more: false }, "exam-unknown-2");
      await connection.send("kv", { error: { code: "late", message: "too late" } }, "exam-unknown-3");
      await connection.send("http", { status: 200, headers: {}, body: "late" }, "exam-unknown-4");
      await ping(connection);
      const answered = connection.received.find(({ request_id: id }) => id?.startsWith("exam-unknown-") === true);
      check(answered === undefined, `a reply was answered by ${show(answered)}`);
    },
  },
  {
    ...base,
    id: "v2.cancel.unknown",
    title: "ignores a cancel of what it does not know or has answered",
    cites: { section: SECTION, says: "cancel names a request that nobody waits for any more; it has no reply." },
    advice: "Drop a cancel whose request_id is not in flight.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam-unknown`), id);
      await connection.reply("http", id);
      await connection.send("http", { cancel: true }, id);
      await connection.send("http", { cancel: true }, "exam-unknown-5");
      await ping(connection);
      check(connection.replies("exam-unknown-5").length === 0, "a cancel was answered");
      check(connection.replies(id).length === 1, "a cancel of an answered request was answered");
    },
  },
  {
    ...base,
    id: "v2.cancel.others",
    title: "goes on with the other requests when one is cancelled",
    cites: { section: SECTION, says: "cancel concerns the request of its request_id alone." },
    advice: "Cancel the work of that one request; leave the connection and the others as they are.",
    run: async (exam) => {
      const connection = await exam.connection();
      const ids = Array.from({ length: 6 }, () => connection.nextId());
      const [cancelled = "", ...others] = ids;
      const request = httpRequest(`${exam.manifest.route}/__exam-unknown`);
      await Promise.all(ids.map((id) => connection.send("http", request, id)));
      await connection.send("http", { cancel: true }, cancelled);
      for (const id of others) await connection.reply("http", id);
      await ping(connection); // the cancel has been read
    },
  },
];

function unknownPaths(route: string): string[] {
  const below = ["", "/", "?x=1", "/__exam-unknown", "/__exam-unknown?x=1&y=%20%C3%A9", "/bundle.js", "/%2e%2e/x"];
  return [...below.map((path) => route + path), "/", "/__exam-unknown", "/bundle.js"];
}

type ExamOf = Parameters<ExamCase["run"]>[0];

async function repliesTo(exam: ExamOf): Promise<JsonObject[]> {
  const replies = await askTogether(await exam.connection(), unknownPaths(exam.manifest.route));
  return replies.filter((reply) => errorOf(reply) === null);
}

function askForProblems(replies: readonly JsonObject[], problemOf: (reply: JsonObject) => string | null): void {
  for (const reply of replies) {
    const problem = problemOf(reply);
    check(problem === null, `${problem}, in ${show(reply)}`, "requests for several paths");
  }
}

async function expectAnswer(exam: ExamOf, request: JsonObject): Promise<void> {
  const connection = await exam.connection();
  const reply = await askHttp(connection, `${exam.manifest.route}/__exam-unknown`, request);
  check(errorOf(reply) === null && reply["status"] !== undefined, `it was answered by ${show(reply)}`);
}
