import { expect, test } from "bun:test";
import golden from "../../../spec/golden/v1-plugin-to-host.json";
import type { Message } from "../codec/message.ts";
import { readV1Reply } from "./v1-reply.ts";

const replies = golden.filter((frame) => "reads_as" in frame);

test.each(replies.map((frame) => [frame.name, frame] as const))("%s", (_name, { message, ...frame }) => {
  const answer = readV1Reply(message as unknown as Message);
  const wanted = (frame as unknown as { reads_as: object }).reads_as;
  expect(answer).toMatchObject(wanted);
});
