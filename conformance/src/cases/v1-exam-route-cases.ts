import { parseObject } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { show } from "../subject/transcript.ts";
import { v1Http } from "../subject/v1-messages.ts";
import { readV1Reply } from "../subject/v1-reply.ts";

const base = { severity: "must", versions: [1], handles: "http", process: "shared", limitMs: 25_000 } as const;

/** What can only be asked of a version 1 plugin that offers the exam route. */
export const v1ExamRouteCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v1.http.text",
    title: "carries text unchanged in both directions",
    cites: { section: "Version 1", says: "body is a string or null, in both directions." },
    needs: ["echo"],
    advice: "Read and write JSON as UTF-8, and keep every character.",
    run: async (exam) => {
      for (const body of ["", "ž 🧪 \u{10ffff}", "\uFEFFmark", "nul \0 and\r\nlines\u2028", '"\\']) {
        const { body: echoed } = await ask(exam, "echo", body);
        check((echoed ?? "") === body, `the body came back as ${show(echoed)}`);
      }
    },
  },
  {
    ...base,
    id: "v1.kv.host",
    title: "asks the host's store on the open connection, before its reply",
    cites: {
      section: "Version 1",
      says: "On an open connection the plugin may send kv requests before its reply; they are answered there at once.",
      scenario: "Plugin Key-Value Storage: Store value, Retrieve value, Delete value",
    },
    needs: ["kv"],
    advice: "Send the kv request on the connection of the http request, and read its reply before you answer.",
    run: async (exam) => {
      const steps: [Record<string, string>, string | null][] = [
        [{ action: "set", key: "exam", value: "ž" }, null],
        [{ action: "get", key: "exam" }, "ž"],
        [{ action: "delete", key: "exam" }, null],
        [{ action: "get", key: "exam" }, null],
      ];
      for (const [request, wanted] of steps) {
        const { body } = await ask(exam, "kv", JSON.stringify(request));
        const seen = body === null ? null : parseObject(body);
        check(seen !== null && seen["value"] === wanted, `its caller saw ${show(body)}`, show(request));
      }
    },
  },
  {
    ...base,
    id: "v1.log",
    title: "sends log messages on the open connection, before its reply",
    cites: {
      section: "Version 1",
      says: "On an open connection the plugin may send log messages before its reply.",
      scenario: "Plugin Observability: Write plugin logs",
    },
    needs: ["log"],
    advice: 'Send {"level", "message"} as a message of type log. Or print: stdout and stderr are read into the log.',
    run: async (exam) => {
      const message = "exam ž 🧪";
      const { logs } = await ask(exam, "log", JSON.stringify({ level: "warn", message }));
      const said = logs.map(({ payload }) => payload);
      const isThere = said.some((log) => log["message"] === message && log["level"] === "warn");
      check(isThere, `the log messages ${show(said)}`);
    },
  },
];

async function ask(exam: Exam, action: string, body: string) {
  const plugin = await exam.plugin();
  const path = `${plugin.manifest.route}/__exam/${action}`;
  const outcome = await plugin.tellV1(v1Http("exam", path, { method: "POST", body }));
  check(outcome.kind === "reply", `no reply from the exam route (${outcome.kind})`);
  const answer = readV1Reply(outcome.message);
  check(answer?.kind === "http" && answer.status === 200, `the exam route answered ${show(answer)}`);
  return { body: answer.body, logs: outcome.logs };
}
