import { check } from "../exam-failure.ts";
import type { ExamCase } from "../exam/exam-case.ts";
import { describeEnd } from "../subject/running-plugin.ts";
import { show } from "../subject/transcript.ts";
import { httpRequest, ping } from "./ask-http.ts";
import { stays } from "./stays.ts";

/** How long the exam waits before `init`, for what must not come. */
const BEFORE_INIT_MS = 150;
/** Grace that the exam gives with `shutdown`, as the host does, in milliseconds. */
const GRACE_MS = 5_000;

const SECTION = "lifecycle, host to plugin";
const STALE = "a request of 300 ms, the end of the connection, and a second connection";

const base = { severity: "must", versions: [2], process: "own", limitMs: 15_000 } as const;

/** From `init` to `shutdown`. */
export const v2LifecycleCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.init.ready",
    title: "answers init by ready within 10 s",
    cites: {
      section: SECTION,
      says: 'init is answered by {"action": "ready", "features": []} with its request_id within 10 s, or by an error.',
      scenario: "Plugin Protocol: Send init message",
    },
    gate: "all",
    process: "shared",
    limitMs: 25_000,
    advice: "Answer init, a message of type lifecycle, with the same type and request_id. Do slow work behind it.",
    run: async (exam) => void (await exam.connection()),
  },
  {
    ...base,
    id: "v2.init.features",
    title: "takes up no feature that was not offered",
    cites: { section: SECTION, says: "features of ready is a list of those of init that the plugin takes up." },
    advice: 'Answer "features" with a list: of those in init that you know. An empty one is always right.',
    run: async (exam) => {
      const plugin = exam.start();
      for (const offered of [[], ["stream", "websocket", "exam-later"]]) {
        const connection = await plugin.connect();
        const { features } = await plugin.init(connection, offered);
        const isKnown = (name: unknown) => name !== "exam-later" && offered.some((feature) => feature === name);
        const isRight = Array.isArray(features) && features.every(isKnown);
        check(isRight, `ready with features ${show(features)}, where ${show(offered)} were offered`);
        connection.close();
      }
    },
  },
  {
    ...base,
    id: "v2.init.first",
    title: "sends nothing before ready",
    cites: { section: SECTION, says: "init is the first message; nothing else is sent by either side before ready." },
    advice: "Hold logs and kv requests back until ready has been sent.",
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.connect();
      await connection.closedWithin(BEFORE_INIT_MS);
      await plugin.init(connection, []);
      const [first] = connection.received;
      check(first?.payload["action"] === "ready", `the first message was ${show(first)}`, "a connection, then init");
    },
  },
  {
    ...base,
    id: "v2.ping",
    title: "answers ping by pong",
    cites: {
      section: SECTION,
      says: 'ping is answered by {"action": "pong"} within the health interval of 5 s.',
      scenario: "Plugin Supervision: Monitor plugin health",
    },
    process: "shared",
    advice: "Answer every ping with its type and request_id. Three misses in a row, and the host ends the process.",
    run: async (exam) => {
      const connection = await exam.connection();
      for (let count = 1; count <= 3; count++) {
        const reply = await ping(connection);
        check(reply["action"] === "pong", `ping was answered by ${show(reply)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.ping.busy",
    title: "answers ping while a request is being worked on",
    cites: { section: "The process", says: "ping comes every 5 s and is answered within the interval; misses add up." },
    severity: "should",
    handles: "http",
    needs: ["sleep"],
    process: "shared",
    advice: "Work on requests beside the loop that reads messages: in a task or a thread each.",
    run: async (exam) => {
      const connection = await exam.connection();
      const slow = connection.nextId();
      await connection.send("http", httpRequest(`${exam.manifest.route}/__exam/sleep?ms=1500`), slow);
      await ping(connection);
      check(connection.replies(slow).length === 0, "pong came only after the answer of a request that took 1.5 s");
      await connection.reply("http", slow);
    },
  },
  {
    ...base,
    id: "v2.reconnect",
    title: "serves a second connection when the first is lost",
    cites: {
      section: "Version 2",
      says: "If the connection is lost while the process lives, the host connects and sends init again.",
    },
    advice: "Accept again when the connection ends, and answer init there as the first time. Keep the process running.",
    run: async (exam) => {
      const plugin = exam.start();
      (await plugin.ready()).close();
      const again = await plugin.ready();
      const [first] = again.received;
      check(first?.payload["action"] === "ready", `before ready, the second connection got ${show(first)}`);
      const reply = await ping(again);
      check(reply["action"] === "pong", `ping on the second connection was answered by ${show(reply)}`);
      await stays(plugin);
    },
  },
  {
    ...base,
    id: "v2.reconnect.stale",
    title: "sends no reply to a request of a connection that was lost",
    cites: {
      section: "Messages",
      says: "request_id is unique for its sender on its connection: on the next one the same id is another request.",
    },
    handles: "http",
    needs: ["sleep"],
    advice: "Bind each request to its connection: when that is lost, cancel the work, and drop what it still answers.",
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.ready();
      await connection.send("http", httpRequest(`${plugin.manifest.route}/__exam/sleep?ms=300`), "exam-stale");
      await ping(connection); // the request has been read
      connection.close();
      const again = await plugin.ready();
      await again.closedWithin(600);
      await ping(again);
      check(again.replies("exam-stale").length === 0, "the reply came on the second connection", STALE);
    },
  },
  {
    ...base,
    id: "v2.reconnect.shutdown",
    title: "obeys shutdown on a second connection, too",
    cites: { section: "Version 2", says: "The host connects and sends init again; all else holds as on the first." },
    advice: "Treat the messages of every connection alike.",
    limitMs: 20_000,
    run: async (exam) => {
      const plugin = exam.start();
      (await plugin.ready()).close();
      const again = await plugin.ready();
      await again.send("lifecycle", { action: "shutdown", grace_ms: GRACE_MS });
      const end = await plugin.endedWithin(GRACE_MS);
      check(end?.code === 0, () => (end === null ? "it still ran at the end of the grace" : describeEnd(end)));
    },
  },
  {
    ...base,
    id: "v2.shutdown",
    title: "exits with code 0 within the grace after shutdown",
    cites: {
      section: SECTION,
      says: "shutdown has no reply: the plugin finishes and exits with code 0; SIGTERM follows after 5 s.",
      scenario: "Plugin Lifecycle: Disable plugin",
    },
    advice: 'End the process when {"action": "shutdown"} comes, with exit code 0 and without a reply.',
    limitMs: 20_000,
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.ready();
      await connection.send("lifecycle", { action: "shutdown", grace_ms: GRACE_MS });
      const end = await plugin.endedWithin(GRACE_MS);
      check(end !== null, `it still ran ${GRACE_MS / 1000} s later`);
      check(end.code === 0, `${describeEnd(end)} instead of 0`);
    },
  },
  {
    ...base,
    id: "v2.shutdown.finishes",
    title: "finishes what is in flight before it exits",
    cites: { section: "The process", says: "A plugin should finish what is in flight and exit with code 0." },
    severity: "should",
    handles: "http",
    needs: ["sleep"],
    advice: "At shutdown take no new requests, wait for those in flight up to grace_ms, send their answers, then exit.",
    limitMs: 20_000,
    run: async (exam) => {
      const plugin = exam.start();
      const connection = await plugin.ready();
      const slow = connection.nextId();
      await connection.send("http", httpRequest(`${plugin.manifest.route}/__exam/sleep?ms=400`), slow);
      await ping(connection); // the request has been read
      await connection.send("lifecycle", { action: "shutdown", grace_ms: GRACE_MS });
      const { payload } = await connection.reply("http", slow);
      check(payload["status"] === 200, `the request in flight was answered by ${show(payload)}`);
      const end = await plugin.endedWithin(GRACE_MS);
      check(end?.code === 0, () => (end === null ? "it still ran at the end of the grace" : describeEnd(end)));
    },
  },
];
