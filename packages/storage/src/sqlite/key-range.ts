/** Strings from `start` (included) to `end` (not included; null: no end), in the order of their UTF-8 bytes. */
export interface KeyRange {
  start: string;
  end: string | null;
}

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** The keys that start with `prefix` and come behind `after`. Both must be well-formed. */
export function keyRange(prefix: string, after: string | null): KeyRange {
  const end = prefixEnd(prefix);
  if (after === null) return { start: prefix, end };
  // Nothing lies between a string and the same with a NUL added, so "behind" is "from there on".
  const behind = `${after}\0`;
  return { start: compareUtf8(behind, prefix) > 0 ? behind : prefix, end };
}

/** The least string above all that start with `prefix`: its last code point that has a successor, raised by one. */
function prefixEnd(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  const next = last + 1 === FIRST_SURROGATE ? LAST_SURROGATE + 1 : last + 1;
  return String.fromCodePoint(...points, next);
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
