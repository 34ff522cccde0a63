import { isObject, type JsonObject } from "../codec/message.ts";

/** Each reads one part of the payload of a version 2 http reply; null where it is right, else what is wrong. */

export function statusProblem({ status }: JsonObject): string | null {
  const isRight = typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599;
  return isRight ? null : `status is ${JSON.stringify(status) ?? "missing"}`;
}

export function headersProblem({ headers }: JsonObject): string | null {
  if (!isObject(headers)) return `headers is ${JSON.stringify(headers) ?? "missing"}`;
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return `a header is called ${JSON.stringify(name)}`;
    const values: unknown[] = Array.isArray(value) ? value : [value];
    const wrong = values.find((text) => typeof text !== "string" || /[\r\n\0]/.test(text));
    if (wrong !== undefined) return `the header ${name} has the value ${JSON.stringify(wrong)}`;
  }
  return null;
}

export function bodyProblem({ body, body_base64: base64, stream }: JsonObject): string | null {
  if (stream !== undefined) {
    if (body !== undefined || base64 !== undefined) return "there are both a body and a stream";
    const isNumber = typeof stream === "number" && Number.isInteger(stream) && stream >= 0 && stream < 2 ** 32;
    return isNumber ? null : `stream is ${JSON.stringify(stream)}`;
  }
  if (base64 === undefined) {
    return body === null || typeof body === "string" || body === undefined ? null : `body is a ${typeof body}`;
  }
  if (body !== undefined) return "there are both body and body_base64";
  if (typeof base64 !== "string") return `body_base64 is a ${typeof base64}`;
  return Buffer.from(base64, "base64").toString("base64") === base64 ? null : "body_base64 is not base64 with padding";
}

/** The body as bytes, where it is in the message. */
export function bodyBytes({ body, body_base64: base64 }: JsonObject): Uint8Array {
  return typeof base64 === "string" ? Buffer.from(base64, "base64") : Buffer.from(typeof body === "string" ? body : "");
}

/** `error` where the plugin answered so. */
export function errorOf(payload: JsonObject): JsonObject | null {
  return isObject(payload["error"]) ? payload["error"] : null;
}
