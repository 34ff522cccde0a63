// DEL, the C1 controls (NEL and CSI among them) and the two line separators: JSON lets them through, but terminals
// obey some and several readers break lines at others.
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;
// An escape of any kind, so that `\\ud800`, a backslash and letters, is not taken for one of a surrogate.
const ESCAPE = /\\(?:(ud[89a-f][0-9a-f]{2})|.)/g;

/** Makes the output of `JSON.stringify` safe as part of one line, for terminals and for strict JSON parsers. */
export function safeJsonText(json: string): string {
  const visible = json.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // `JSON.stringify` escapes only lone surrogates; strict parsers refuse those.
  if (!visible.includes("\\ud")) return visible;
  return visible.replace(ESCAPE, (escape, surrogate?: string) => (surrogate === undefined ? escape : "\uFFFD"));
}

/** A string as JSON, in quotes. */
export function jsonString(text: string): string {
  return safeJsonText(JSON.stringify(text));
}

/** The longest start of `text` whose JSON, in quotes, has at most `maxBytes` bytes of UTF-8. */
export function cutToJsonBytes(text: string, maxBytes: number): string {
  // No character takes less than a byte, so what lies behind `maxBytes` need not be looked at.
  const candidate = text.slice(0, maxBytes);
  let fits = 0;
  let tooLong = candidate.length + 1;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >>> 1;
    if (Buffer.byteLength(jsonString(candidate.slice(0, middle))) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  const cut = candidate.slice(0, fits);
  const last = cut.charCodeAt(fits - 1);
  return last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut;
}
