import { isObject, parseObject, type JsonObject, type Message } from "../codec/message.ts";

/** What a reply of version 1 says, in whichever of its shapes; null where it is none of them. */
export type V1Answer =
  | { kind: "http"; status: number; headers: JsonObject; body: string | null }
  | { kind: "kv"; value: string | null }
  | { kind: "error"; error: string }
  | null;

/** Reads both shapes: direct, and wrapped into a request whose body is the JSON text of the answer. */
export function readV1Reply({ payload }: Message): V1Answer {
  return readAnswer(payload) ?? readAnswer(unwrap(payload));
}

function unwrap(payload: JsonObject): unknown {
  const inner = payload["payload"];
  if (!isObject(inner)) return null;
  const body = inner["body"];
  return typeof body === "string" ? parseObject(body) : body;
}

function readAnswer(answer: unknown): V1Answer {
  if (!isObject(answer)) return null;
  const { status, headers, body } = answer;
  if (typeof status === "number") {
    return { kind: "http", status, headers: lowerCased(headers), body: toText(body) };
  }
  if (answer["error"] !== undefined && answer["error"] !== null) {
    return { kind: "error", error: toText(answer["error"]) ?? "" };
  }
  return Object.hasOwn(answer, "value") ? { kind: "kv", value: toText(answer["value"]) } : null;
}

/** Header names may have any case. */
function lowerCased(headers: unknown): JsonObject {
  if (!isObject(headers)) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** An object or a list stands for its own JSON text. */
function toText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
