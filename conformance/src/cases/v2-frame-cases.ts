import { encodeMessage } from "../codec/message.ts";
import { frameOf, MAX_FRAME_BYTES } from "../codec/frame.ts";
import { check } from "../exam-failure.ts";
import type { ExamCase } from "../exam/exam-case.ts";
import { show } from "../subject/transcript.ts";
import { askHttp, ping } from "./ask-http.ts";

const SECTION = "Frames";

const base = { severity: "must", versions: [2], process: "shared", limitMs: 15_000 } as const;

/** How bytes may be cut, and what frames may hold. */
export const v2FrameCases: readonly ExamCase[] = [
  {
    ...base,
    id: "v2.frames.bytewise",
    title: "reads a frame that arrives one byte at a time",
    cites: { section: SECTION, says: "A receiver must take a frame in pieces of any size." },
    advice: "Read on until the 4 bytes of the length, then the N bytes are complete; one read may return less.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      const message = connection.message("lifecycle", { action: "ping" }, id);
      await connection.sendBytewise(encodeMessage(message), `a frame with ${show(message)}`);
      await connection.reply("lifecycle", id);
    },
  },
  {
    ...base,
    id: "v2.frames.together",
    title: "reads several frames that arrive in one piece",
    cites: { section: SECTION, says: "A receiver must take several frames in one piece." },
    advice:
      "Keep what is left behind the first frame, and read the next frame from it before reading the socket again.",
    run: async (exam) => {
      const connection = await exam.connection();
      const ids = Array.from({ length: 20 }, () => connection.nextId());
      const frames = ids.map((id) => encodeMessage(connection.message("lifecycle", { action: "ping" }, id)));
      await connection.sendBytes(Buffer.concat(frames), `${ids.length} frames with a ping each, in one piece`);
      for (const id of ids) await connection.reply("lifecycle", id);
    },
  },
  {
    ...base,
    id: "v2.frames.cut",
    title: "reads frames that are cut anywhere",
    cites: {
      section: SECTION,
      says: "A receiver must take pieces of any size: one and a half frames, or half a length.",
    },
    advice: "Do not take the end of a read for the end of a frame: only the length says where a frame ends.",
    run: async (exam) => {
      const connection = await exam.connection();
      const ids = [connection.nextId(), connection.nextId(), connection.nextId()];
      const frames = ids.map((id) => encodeMessage(connection.message("lifecycle", { action: "ping" }, id)));
      const all = Buffer.concat(frames);
      const [first = new Uint8Array()] = frames;
      let from = 0;
      for (const to of [2, first.length + 3, first.length + 40, all.length]) {
        await connection.sendBytes(all.subarray(from, to), `bytes ${from} to ${to} of three frames with a ping each`);
        await Bun.sleep(15);
        from = to;
      }
      for (const id of ids) await connection.reply("lifecycle", id);
    },
  },
  {
    ...base,
    id: "v2.frames.largest",
    title: "reads a frame of 16 MiB",
    cites: { section: "Limits", says: "A frame has 1 byte to 16 MiB, without its length." },
    limitMs: 30_000,
    advice: "Allow 16 * 1024 * 1024 bytes behind the length, and read them in whatever pieces they come.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      const ping = (padding: string) => ({ ...connection.message("lifecycle", { action: "ping" }, id), padding });
      const empty = encodeMessage(ping("")).length - 4;
      const frame = encodeMessage(ping("x".repeat(MAX_FRAME_BYTES - empty)));
      await connection.sendBytes(frame, `a ping with an unknown field, in a frame of exactly ${MAX_FRAME_BYTES} bytes`);
      await connection.reply("lifecycle", id, 20_000);
    },
  },
  {
    ...base,
    id: "v2.frames.whole",
    title: "never mixes two frames that it sends at the same time",
    cites: { section: SECTION, says: "A sender never puts another frame into the middle of one." },
    handles: "http",
    needs: ["echo"],
    advice: "Let one place write, or hold a lock from the first to the last byte of a frame.",
    limitMs: 25_000,
    run: async (exam) => {
      const connection = await exam.connection();
      const bodies = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index).repeat(200_000));
      const asked = bodies.map((body) => {
        const headers = { "content-type": "text/plain" };
        return askHttp(connection, `${exam.manifest.route}/__exam/echo`, { method: "POST", body, headers });
      });
      for (const [index, reply] of (await Promise.all(asked)).entries()) {
        const body = Buffer.from(await connection.bodyOf(reply)).toString();
        check(body === bodies[index], `a body that was not the one that was sent: ${show(body)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.messages.unknown-fields",
    title: "ignores fields that it does not know",
    cites: { section: "Messages", says: "Unknown fields are ignored; keys such as __proto__ are plain data." },
    advice: "Take the fields that you know, and let the rest be; do not refuse a message for having more.",
    run: async (exam) => {
      const connection = await exam.connection();
      for (const name of ["later", "__proto__", "constructor", "toString"]) {
        const id = connection.nextId();
        const message = connection.message("lifecycle", { action: "ping" }, id);
        const extra = `{${JSON.stringify(name)}:{"type":"log","action":"shutdown","a":[1,null]},`;
        const text = extra + JSON.stringify(message).slice(1).replace('"payload":{', `"payload":${extra}`);
        await connection.sendRaw(JSON.parse(text) as object);
        const { payload } = await connection.reply("lifecycle", id);
        check(payload["action"] === "pong", `a ping with the unknown field ${name} was answered by ${show(payload)}`);
      }
    },
  },
  {
    ...base,
    id: "v2.messages.doubled-key",
    title: "takes the last one of a key that occurs twice",
    cites: { section: SECTION, says: "Of a key that occurs twice in an object the last one counts." },
    severity: "should",
    advice: "Most JSON parsers do so; one that refuses the message has a setting, or another type to parse into.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      const message = JSON.stringify(connection.message("lifecycle", { action: "ping" }, id));
      const doubled = message.replace('"action":', '"action":"exam","action":');
      await connection.sendBytes(frameOf(new TextEncoder().encode(doubled)), doubled);
      await connection.reply("lifecycle", id);
    },
  },
  {
    ...base,
    id: "v2.messages.nested",
    title: "takes a message that is nested 100 levels deep",
    cites: { section: SECTION, says: "A message should be nested at most 100 levels deep." },
    advice: "Use a JSON parser that bears 100 levels; ignore the fields that you do not know, however deep they are.",
    run: async (exam) => {
      const connection = await exam.connection();
      const id = connection.nextId();
      const deep: unknown = JSON.parse("[".repeat(99) + "]".repeat(99));
      await connection.sendRaw({ ...connection.message("lifecycle", { action: "ping" }, id), deep });
      await connection.reply("lifecycle", id);
    },
  },
  {
    ...base,
    id: "v2.messages.timestamp",
    title: "gives every message its time",
    cites: { section: "Messages", says: "timestamp is RFC 3339 in UTC; nothing is decided by it." },
    advice: "Write the time like 2026-01-02T03:04:05.678Z.",
    run: async (exam) => {
      const connection = await exam.connection();
      await ping(connection);
      const wrong = connection.received.find(({ timestamp }) => !isUtc(timestamp));
      check(wrong === undefined, `a message with the timestamp ${show(wrong?.timestamp)}`, "ping");
    },
  },
];

function isUtc(timestamp: unknown): boolean {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/;
  return typeof timestamp === "string" && form.test(timestamp);
}
