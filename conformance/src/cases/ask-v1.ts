import { check, ExamFailure } from "../exam-failure.ts";
import type { RunningPlugin } from "../subject/running-plugin.ts";
import { show } from "../subject/transcript.ts";
import type { V1Message, V1Outcome } from "../subject/v1-exchange.ts";
import { v1Http } from "../subject/v1-messages.ts";
import { readV1Reply, type V1Answer } from "../subject/v1-reply.ts";

/** How a message is sent. */
interface Way {
  bytewise?: boolean;
}

/** A request that any plugin can answer, if only with 404. */
export function unknownPath({ manifest }: RunningPlugin, id: string): V1Message {
  return v1Http(id, `${manifest.route}/__exam-unknown`);
}

/** Sends a message and waits for its reply, whatever that holds. */
export async function replyTo(plugin: RunningPlugin, message: V1Message, how?: Way) {
  const outcome = await plugin.tellV1(message, how);
  if (outcome.kind === "reply") return outcome;
  throw new ExamFailure(describe(outcome));
}

/** The answer in the reply, which must have one of the shapes. */
export async function answerTo(plugin: RunningPlugin, message: V1Message, how?: Way): Promise<V1Answer> {
  const { message: reply } = await replyTo(plugin, message, how);
  const answer = readV1Reply(reply);
  check(answer !== null, `a reply of neither shape: ${show(reply)}`);
  return answer;
}

function describe(outcome: Exclude<V1Outcome, { kind: "reply" }>): string {
  switch (outcome.kind) {
    case "closed":
      return "the plugin closed the connection without a reply";
    case "fault":
      return outcome.fault;
    case "silence":
      return `no reply within ${outcome.limitMs / 1000} s`;
  }
}
