import { isObject, type JsonObject } from "../wire/message.ts";

/** Lower-case names; several values of one name as a list. */
export type HeaderMap = Record<string, string | string[]>;

type BodyFields = { body: string | null } | { body_base64: string };

export function toHeaderMap(headers: Headers): HeaderMap {
  const map = Object.create(null) as HeaderMap; // `__proto__` is a legal name of a header
  headers.forEach((value, name) => {
    if (name !== "set-cookie") map[name] = value;
  });
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) map["set-cookie"] = cookies;
  return map;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text where the bytes are valid UTF-8, else base64. */
export function bodyFields(bytes: Uint8Array | null): BodyFields {
  if (bytes === null) return { body: null };
  try {
    return { body: utf8.decode(bytes) };
  } catch {
    return { body_base64: Buffer.from(bytes).toString("base64") }; // not text
  }
}

/**
 * The body that travels inside of a message.
 *
 * @throws Error that says what is wrong with it.
 */
export function bodyBytes({ body, body_base64: base64 }: JsonObject): Uint8Array<ArrayBuffer> | null {
  if (base64 !== undefined && base64 !== null) return bytesOfBase64(base64);
  if (body === undefined || body === null) return null;
  if (typeof body !== "string") throw new Error("a body is a string or null; bytes travel as body_base64");
  return new TextEncoder().encode(body);
}

function bytesOfBase64(text: unknown): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(typeof text === "string" ? text : "", "base64");
  if (bytes.toString("base64") !== text) throw new Error("body_base64 is not base64 with padding");
  return Uint8Array.from(bytes);
}

/**
 * Names and values in their order; a name with several values comes as often.
 *
 * @throws Error where they are no map of names to strings or lists of strings.
 */
export function headerPairs(map: unknown): [name: string, value: string][] {
  if (map === undefined || map === null) return [];
  if (!isObject(map)) throw new Error("headers map a name to a string or a list of strings");
  return Object.entries(map).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => {
      if (typeof value === "string") return [name, value];
      throw new Error(`the header ${name} is neither a string nor a list of strings`);
    }),
  );
}
