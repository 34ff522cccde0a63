import { parseObject, type JsonObject } from "../codec/message.ts";
import { check } from "../exam-failure.ts";
import { show } from "../subject/transcript.ts";
import type { V2Connection } from "../subject/v2-connection.ts";

/** The JSON object in the body of an answer of the exam route. */
export async function jsonOf(connection: V2Connection, reply: JsonObject): Promise<JsonObject> {
  check(reply["status"] === 200, `the exam route answered ${show(reply)}`);
  const value = parseObject(Buffer.from(await connection.bodyOf(reply)).toString());
  check(value !== null, `the exam route answered with a body that is no JSON object: ${show(reply)}`);
  return value;
}
