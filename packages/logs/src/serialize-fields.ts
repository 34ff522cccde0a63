/** The JSON text of `fields`, always an object; null where there is nothing to say. Never throws. */
export function serializeFields(fields: unknown): string | null {
  if (fields === undefined || fields === null) return null;
  const text = stringify(fields);
  if (text === undefined) return null;
  return text.startsWith("{") ? text : `{"value":${text}}`;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A cycle or a BigInt, most likely: the slower way below puts words in their place.
    return stringifyWithPlaceholders(value);
  }
}

function stringifyWithPlaceholders(value: unknown): string | undefined {
  const ancestors: unknown[] = [];
  function place(this: unknown, _key: string, item: unknown): unknown {
    if (typeof item === "bigint") return item.toString();
    if (typeof item !== "object" || item === null) return item;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(item)) return "[circular]";
    ancestors.push(item);
    return item;
  }
  try {
    return JSON.stringify(value, place);
  } catch (error) {
    return JSON.stringify({ not_serializable: error instanceof Error ? error.message : "fields threw" });
  }
}
