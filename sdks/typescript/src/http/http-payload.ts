/** Lower-case names; several values of one name as a list. */
export type HeaderMap = Record<string, string | string[]>;

type BodyFields = { body: string | null } | { body_base64: string };

/** Payload of the reply to an `http` request. */
export type HttpReplyPayload = { status: number; headers: HeaderMap } & BodyFields;

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
