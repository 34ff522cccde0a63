import { parseObject } from "../codec/message.ts";
import { EXAM_HEADERS } from "../subject/exam-headers.ts";
import type { Transcript } from "../subject/transcript.ts";
import { v1Http } from "../subject/v1-messages.ts";
import { readV1Reply } from "../subject/v1-reply.ts";
import { EXAM_ACTIONS, type ExamAction } from "./exam-case.ts";
import type { SharedPlugin } from "./shared-plugin.ts";

/** Where a plugin says what it offers to the exam, below its route. */
const EXAM_PATH = "/__exam";

/** Asks a plugin what it offers of the exam route: nothing, for most. */
export async function detectExamRoute(shared: SharedPlugin, transcript: Transcript): Promise<ReadonlySet<ExamAction>> {
  const plugin = await shared.plugin(transcript);
  const path = plugin.manifest.route + EXAM_PATH;
  if (!plugin.manifest.handles.includes("http")) return new Set();
  if (plugin.manifest.protocol === 1) {
    const outcome = await plugin.tellV1(v1Http("exam", path));
    const answer = outcome.kind === "reply" ? readV1Reply(outcome.message) : null;
    return answer?.kind === "http" && answer.status === 200 ? readOffers(answer.body ?? "") : new Set();
  }
  const connection = await shared.connection(transcript);
  const reply = await connection.ask("http", { method: "GET", path, headers: EXAM_HEADERS, body: null });
  return reply["status"] === 200 ? readOffers(Buffer.from(await connection.bodyOf(reply)).toString()) : new Set();
}

function readOffers(body: string): ReadonlySet<ExamAction> {
  const value = parseObject(body); // null for a plugin that answers every path with something of its own
  if (value?.["exam"] !== 1 || !Array.isArray(value["offers"])) return new Set();
  const offers: unknown[] = value["offers"];
  return new Set(EXAM_ACTIONS.filter((action) => offers.includes(action)));
}
