/** How long a session lasts. */
export const SESSION_MS = 30 * 24 * 3_600_000;

const PLAIN_NAME = "toru_session";
/** A browser takes this name only with Secure, Path=/ and no Domain: a neighbour site cannot plant it. */
const SECURE_NAME = `__Host-${PLAIN_NAME}`;

export function sessionCookieName(secure: boolean): string {
  return secure ? SECURE_NAME : PLAIN_NAME;
}

/** The `Set-Cookie` of a new session. */
export function sessionCookie(token: string, secure: boolean): string {
  return format(token, SESSION_MS / 1000, secure);
}

export function clearedSessionCookie(secure: boolean): string {
  return format("", 0, secure);
}

function format(value: string, maxAgeSeconds: number, secure: boolean): string {
  const cookie = `${sessionCookieName(secure)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax`;
  return secure ? `${cookie}; Secure` : cookie;
}

/** What may stand around a cookie; a wider idea of blanks would take other names for the host's. */
const BLANKS = /^[ \t]+|[ \t]+$/g;

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const text = pair.replaceAll(BLANKS, "");
    if (text.startsWith(name) && text.charCodeAt(name.length) === 0x3d) return text.slice(name.length + 1);
  }
  return null;
}

/** A `Cookie` header without the host's own, under either name; null where nothing is left. */
export function withoutSessionCookie(header: string): string | null {
  if (!header.includes(PLAIN_NAME)) return header;
  const others = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "" && !isOwn(pair));
  return others.length === 0 ? null : others.join("; ");
}

/**
 * Whether a `Set-Cookie` could set the host's own cookie. Browsers write one without a name, `=toru_session=…`, into
 * `Cookie` as if its value were the name, and take off what stands around names.
 */
export function setsSessionCookie(header: string): boolean {
  const pair = header.split(";")[0]?.replace(/^[\s=]+/, "") ?? "";
  return isOwn(pair.toLowerCase());
}

function isOwn(pair: string): boolean {
  const equals = pair.indexOf("=");
  const name = (equals === -1 ? pair : pair.slice(0, equals)).trim();
  return name === PLAIN_NAME || name === SECURE_NAME.toLowerCase() || name === SECURE_NAME;
}
