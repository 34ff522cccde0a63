const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An HTTP body: text where it is valid UTF-8, bytes otherwise, null where there is none. */
export type Body = string | Uint8Array | null;

/** Text where the bytes are valid UTF-8 (a byte order mark is kept), else the bytes as they are. */
export function bodyFromBytes(bytes: Uint8Array): Body {
  if (bytes.length === 0) return null;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return bytes; // not text: the caller sends it as base64 or refuses it
  }
}
