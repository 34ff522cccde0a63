const ISO = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Reads an ISO 8601 time as plugins write it — with any number of decimals, with or without an offset, which then is UTC —
 * and gives it as RFC 3339 in UTC with milliseconds. Null where it is none.
 */
export function parseTimestamp(text: string): string | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, date, minutes, seconds = ":00", decimals = "", offset = "Z"] = match;
  const milliseconds = decimals.slice(0, 3).padEnd(3, "0");
  const time = Date.parse(`${date}T${minutes}${seconds}.${milliseconds}${normalizeOffset(offset)}`);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function normalizeOffset(offset: string): string {
  if (offset === "Z" || offset === "z") return "Z";
  const digits = offset.slice(1).replace(":", "").padEnd(4, "0");
  return `${offset.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
