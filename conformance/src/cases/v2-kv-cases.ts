import type { JsonObject, Message } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { errorOf } from "../subject/http-reply.ts";
import { show } from "../subject/transcript.ts";
import type { RunningPlugin } from "../subject/running-plugin.ts";
import type { V2Connection } from "../subject/v2-connection.ts";
import { askHttp, httpRequest, ping } from "./ask-http.ts";
import { jsonOf } from "./json-of.ts";

const SECTION = "kv";
const SCENARIO = "Plugin Key-Value Storage: Store value, Retrieve value, Delete value";

const base = {
  severity: "must",
  versions: [2],
  handles: "http",
  needs: ["kv"],
  process: "shared",
  limitMs: 20_000,
} as const;

/** What the plugin asks the host's store for, with the exam in the host's place. */
export const v2KvCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.kv.set-get",
    title: "stores a value with the host and reads it again",
    cites: {
      section: SECTION,
      says: 'set is answered by {"value": null}, get by the string or null.',
      scenario: SCENARIO,
    },
    advice: "Send kv requests of your own with an id of your own, and match the reply by it.",
    run: async (exam) => {
      const key = "exam ž 🧪";
      check((await kv(exam, { action: "get", key }))["value"] === null, "a key that is not there did not read as null");
      for (const value of ["", "ž 🧪 \0", "x".repeat(1024 * 1024)]) {
        await expectKv(exam, { action: "set", key, value }, { value: null });
        await expectKv(exam, { action: "get", key }, { value });
      }
    },
  },
  {
    ...base,
    id: "v2.kv.delete",
    title: "deletes a value",
    cites: {
      section: SECTION,
      says: 'delete is answered by {"value": null}, also where nothing was.',
      scenario: SCENARIO,
    },
    advice: 'Send {"action": "delete", "key"}.',
    run: async (exam) => {
      await expectKv(exam, { action: "set", key: "exam-gone", value: "here" }, { value: null });
      await expectKv(exam, { action: "delete", key: "exam-gone" }, { value: null });
      await expectKv(exam, { action: "delete", key: "exam-gone" }, { value: null });
      await expectKv(exam, { action: "get", key: "exam-gone" }, { value: null });
    },
  },
  {
    ...base,
    id: "v2.kv.list",
    title: "lists keys page by page",
    cites: { section: SECTION, says: "list takes prefix, after and limit, and returns keys and more." },
    advice: "Send prefix, after and limit as the caller gave them; hand keys and more on.",
    run: async (exam) => {
      for (const key of ["list:a", "list:b", "list:c", "other"]) await kv(exam, { action: "set", key, value: "1" });
      const list = { action: "list", prefix: "list:" };
      await expectKv(exam, { ...list, limit: 2 }, { keys: ["list:a", "list:b"], more: true });
      await expectKv(exam, { ...list, after: "list:b", limit: 2 }, { keys: ["list:c"], more: false });
      await expectKv(exam, { action: "list", prefix: "nothing" }, { keys: [], more: false });
    },
  },
  {
    ...base,
    id: "v2.kv.refused",
    title: "hands a refusal of the host to its caller",
    cites: { section: SECTION, says: "Refusals have the code invalid_request, invalid_key or value_too_large." },
    advice: "Look for error in every reply, and make an error of your language of it that keeps the code.",
    process: "own",
    run: async (exam) => {
      const { plugin, connection } = await ready(exam);
      plugin.answerKv = () => ({ error: { code: "value_too_large", message: "the exam refuses" } });
      const answer = await askKv(connection, plugin, { action: "set", key: "exam", value: "x" });
      const reply = await jsonOf(connection, answer);
      check(errorOf(reply)?.["code"] === "value_too_large", `its caller saw ${show(reply)}`);
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.kv.order",
    title: "matches kv replies by their id, in whatever order they come",
    cites: { section: "Messages", says: "A reply is matched by request_id alone." },
    advice: "Keep a table from id to waiting caller. Do not take the next kv message for the reply.",
    process: "own",
    run: async (exam) => {
      const { plugin, connection } = await ready(exam);
      const both = Promise.withResolvers<void>();
      plugin.answerKv = async ({ key }) => {
        if (connection.kvRequests.length === 2) both.resolve();
        await both.promise;
        if (key === "first") await Bun.sleep(50);
        return { value: `value of ${String(key)}` };
      };
      const asked = ["first", "second"].map((key) => askKv(connection, plugin, { action: "get", key }));
      const answers = (await Promise.all(asked)).map((reply) => jsonOf(connection, reply));
      const [first, second] = (await Promise.all(answers)).map(({ value }) => value);
      check(first === "value of first" && second === "value of second", `its callers saw ${show([first, second])}`);
    },
  },
  {
    ...base,
    id: "v2.kv.same-id",
    title: "tells a request from the reply to a request of its own with the same id",
    cites: {
      section: "Messages",
      says: "Both sides may use the same id: a message is a reply only where its payload tells so.",
    },
    advice:
      "Look at type and payload first (method, cancel, action); only then look the id up among your own requests.",
    process: "own",
    run: async (exam) => {
      const { plugin, connection } = await ready(exam);
      const hold = Promise.withResolvers<void>();
      plugin.answerKv = async () => {
        await hold.promise;
        return { value: "of the store" };
      };
      const caller = askKv(connection, plugin, { action: "get", key: "exam" });
      const id = await connection.waitFor("no kv request", () => connection.kvRequests[0]?.request_id);
      const sameId = `http request with the id ${id}, which a kv request of the plugin has, too`;
      await connection.send("http", httpRequest(`${plugin.manifest.route}/__exam-unknown`), id);
      const answered = connection.waitFor("no reply to the http request", () => httpReply(connection, id));
      const reply = await Promise.race([answered, caller.then(() => null)]);
      check(reply !== null, "it took the http request for the reply of the store", sameId);
      check(reply.payload["status"] !== undefined, `it was answered by ${show(reply.payload)}`, sameId);
      hold.resolve();
      const seen = await jsonOf(connection, await caller);
      check(seen["value"] === "of the store", `the caller of kv saw ${show(seen)}`, sameId);
    },
  },
  {
    ...base,
    id: "v2.kv.nonsense",
    title: "survives an answer of the host that makes no sense",
    cites: { section: SECTION, says: "get is answered by a string or null; anything else is no answer to it." },
    severity: "should",
    advice: "Check the shape of a reply, and make an error of what is wrong. It must not end the process.",
    process: "own",
    run: async (exam) => {
      const { plugin, connection } = await ready(exam);
      for (const answer of [{ value: 7 }, { keys: ["exam"], more: false }, {}]) {
        plugin.answerKv = () => answer;
        const reply = await askKv(connection, plugin, { action: "get", key: "exam" });
        check(
          await isRefused(connection, reply),
          `its caller saw ${show(reply)}`,
          `${show(answer)} as the reply to a kv get`,
        );
      }
      await ping(connection);
    },
  },
  {
    ...base,
    id: "v2.kv.silence",
    title: "gives a kv request up when the host does not answer",
    cites: { section: "Limits", says: "The time limit of a kv request is 5 s." },
    severity: "should",
    advice: "Give every kv request a time limit of 5 s, and tell the caller. Drop the reply that comes later.",
    process: "own",
    limitMs: 25_000,
    run: async (exam) => {
      const { plugin, connection } = await ready(exam);
      let asked: string | null = null;
      plugin.answerKv = (_request, id) => {
        asked = id;
        return null;
      };
      const reply = await askKv(connection, plugin, { action: "get", key: "exam" });
      check(await isRefused(connection, reply), `its caller saw ${show(reply)}`, "no reply to a kv get");
      await connection.send("kv", { value: "late" }, asked ?? "none");
      await ping(connection);
    },
  },
];

/** What the host asks a plugin for whose manifest names kv. */
export const v2HandleKvCases: readonly ExamCase[] = [
  {
    id: "v2.handle-kv",
    title: "answers kv requests of the host",
    cites: {
      section: SECTION,
      says: "Host to plugin the same requests, where handles names kv: value is a string or null, list gives keys and more.",
      scenario: "Plugin API Contract: Plugin handles KV operation",
    },
    severity: "must",
    versions: [2],
    handles: "kv",
    process: "shared",
    limitMs: 25_000,
    advice: "Answer get, set, delete and list, or refuse by an error reply. Or take kv out of handles.",
    run: async (exam) => {
      const connection = await exam.connection();
      const key = "exam-handle-kv";
      const requests = [
        { action: "set", key, value: "exam" },
        { action: "get", key },
        { action: "list", prefix: key, after: null, limit: 10 },
        { action: "delete", key },
      ];
      for (const request of requests) {
        const reply = await connection.ask("kv", request, 5_000);
        const { value, keys, more } = reply;
        const isList =
          Array.isArray(keys) && keys.every((name) => typeof name === "string") && typeof more === "boolean";
        const isAnswer = request.action === "list" ? isList : value === null || typeof value === "string";
        check(isAnswer || errorOf(reply) !== null, `it was answered by ${show(reply)}`);
      }
    },
  },
];

async function ready(exam: Exam): Promise<{ plugin: RunningPlugin; connection: V2Connection }> {
  const plugin = exam.start();
  return { plugin, connection: await plugin.ready() };
}

/** Has the plugin send a kv request, through its exam route. */
function askKv(connection: V2Connection, { manifest }: RunningPlugin, request: JsonObject): Promise<JsonObject> {
  const headers = { "content-type": "application/json" };
  return askHttp(connection, `${manifest.route}/__exam/kv`, { method: "POST", headers, body: JSON.stringify(request) });
}

/** Whether a kv request of the plugin ended badly for its caller, in whichever way. */
async function isRefused(connection: V2Connection, reply: JsonObject): Promise<boolean> {
  if (errorOf(reply) !== null || Number(reply["status"]) >= 500) return true;
  return errorOf(await jsonOf(connection, reply)) !== null;
}

async function kv(exam: Exam, request: JsonObject): Promise<JsonObject> {
  const connection = await exam.connection();
  return jsonOf(connection, await askKv(connection, await exam.plugin(), request));
}

async function expectKv(exam: Exam, request: JsonObject, wanted: JsonObject): Promise<void> {
  const seen = await kv(exam, request);
  const isRight = Object.entries(wanted).every(([name, value]) => JSON.stringify(seen[name]) === JSON.stringify(value));
  check(isRight, `its caller saw ${show(seen)}, not ${show(wanted)}`, `${show(request)}, through the exam route`);
}

function httpReply(connection: V2Connection, id: string): Message | undefined {
  return connection.replies(id).find(({ type }) => type === "http");
}
