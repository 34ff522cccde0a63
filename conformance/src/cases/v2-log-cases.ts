import { isObject, nestsDeeper, type Message } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { ExamCase } from "../exam/exam-case.ts";
import { show } from "../subject/transcript.ts";
import { askHttp, ping } from "./ask-http.ts";
import { jsonOf } from "./json-of.ts";

const SECTION = "log, plugin to host";
const LEVELS: ReadonlySet<unknown> = new Set(["debug", "info", "warn", "error"]);
const MAX_FIELD_LEVELS = 100;
/** How long a log message may stay in the plugin. */
const ARRIVAL_LIMIT_MS = 3_000;

/** What the plugin says in its log. */
export const v2LogCases: readonly ExamCase[] = [
  {
    id: "v2.log.shape",
    title: "sends log messages that the host takes",
    cites: {
      section: SECTION,
      says: "level is debug, info, warn or error, message a string, fields an object of at most 100 levels; no request_id.",
      scenario: "Plugin Observability: Write plugin logs",
    },
    severity: "must",
    versions: [2],
    handles: "http",
    process: "own",
    limitMs: 25_000,
    advice: "Map the levels of your logging library to the four; leave out fields and error where there are none.",
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.ready();
      await askHttp(connection, `${plugin.manifest.route}/__exam-unknown`);
      await ping(connection);
      for (const log of connection.logs) {
        const problem = logProblem(log);
        check(problem === null, `${problem}, in ${show(log)}`, "init, an http request and ping");
      }
    },
  },
  {
    id: "v2.log.arrives",
    title: "brings what its code logs to the host",
    cites: {
      section: SECTION,
      says: "A log message has level, message, and where there are some error and fields.",
      scenario: "Plugin Observability: Write plugin logs",
    },
    severity: "must",
    versions: [2],
    handles: "http",
    needs: ["log"],
    process: "shared",
    limitMs: 20_000,
    advice: "Send what is logged as a log message as soon as there is a connection.",
    run: async (exam) => {
      const connection = await exam.connection();
      for (const level of ["info", "warn", "error"]) {
        const message = `exam ž 🧪 ${level} ${connection.nextId()}`;
        const body = JSON.stringify({ level, message, fields: { number: 7, text: "t" } });
        const request = { method: "POST", headers: { "content-type": "application/json" }, body };
        await jsonOf(connection, await askHttp(connection, `${exam.manifest.route}/__exam/log`, request));
        const missing = `no log message ${JSON.stringify(message)}`;
        const find = () => connection.logs.find(({ payload }) => payload["message"] === message);
        const log = await connection.waitFor(missing, find, ARRIVAL_LIMIT_MS);
        check(logProblem(log) === null && log.payload["level"] === level, `the log message ${show(log)}`);
        const fields = isObject(log.payload["fields"]) ? log.payload["fields"] : {};
        check(fields["number"] === 7 && fields["text"] === "t", `the fields ${show(log.payload["fields"])}`);
      }
    },
  },
];

function logProblem({ payload, request_id: id }: Message): string | null {
  const { level, message, error, fields } = payload;
  if (id !== undefined && id !== null) return "a log message with a request_id";
  if (!LEVELS.has(level)) return `the level ${show(level)}`;
  if (typeof message !== "string") return "a message that is no string";
  if (error !== undefined && error !== null && typeof error !== "string") return "an error that is no string";
  if (fields === undefined || fields === null) return null;
  if (!isObject(fields)) return "fields that are no object";
  return nestsDeeper(fields, MAX_FIELD_LEVELS) ? "fields nested over 100 levels deep" : null;
}
