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

export function bodyBytes(payload: object): Uint8Array<ArrayBuffer> | null {
  const { body, body_base64: base64 } = payload as { body?: unknown; body_base64?: unknown };
  if (typeof base64 === "string") return Uint8Array.from(Buffer.from(base64, "base64"));
  return typeof body === "string" ? new TextEncoder().encode(body) : null;
}
