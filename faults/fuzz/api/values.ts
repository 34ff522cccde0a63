import type { Dice } from "../dice.ts";
import type { OpenApi, Schema } from "./open-api.ts";

const TEXTS = [
  "a 0 1 42 -1 user-1 key get set delete list debug error started crashed,stopped read manage admin".split(" "),
  ["", " ", "\0", "é😀", "\u2028", "__proto__", "constructor", "../../etc/passwd", "%2e%2e", "a/b", "a?b#c", "a\\b"],
  ["1e400", "0x10", "1.5", "NaN", "99999999999999999999", "'; drop table users; --", "<script>", "null", "\r\nx: y"],
  ["2026-01-01T00:00:00Z", "eyJhIjoxfQ", "0:0", "-1:-1", "1:2:3", "x".repeat(64), "long enough to be one"],
  "x".repeat(201),
  "y".repeat(2000),
  "\ud800",
].flat();
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  "",
  [],
  {},
  [[]],
  { a: { b: {} } },
  "x".repeat(5000),
  JSON.parse('{"__proto__":{"role":"admin"}}'),
  JSON.parse(`${"[".repeat(2_000)}${"]".repeat(2_000)}`),
];

export function text(dice: Dice): string {
  return dice.pick(TEXTS);
}

/** What the schema takes. */
export function valid(dice: Dice, schema: Schema, document: OpenApi): unknown {
  if (schema.$ref !== undefined) return valid(dice, resolve(schema.$ref, document), document);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return dice.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return valid(dice, dice.pick(choices), document);
  switch (Array.isArray(schema.type) ? dice.pick(schema.type) : schema.type) {
    case "object":
      return object(dice, schema, document);
    case "array":
      return dice.some(3, () => valid(dice, schema.items ?? {}, document));
    case "string":
      return string(dice, schema);
    case "integer":
    case "number":
      return number(dice, schema);
    case "boolean":
      return dice.oneIn(2);
    default:
      return null;
  }
}

function resolve(reference: string, { components }: OpenApi): Schema {
  const found = components.schemas[reference.replace("#/components/schemas/", "")];
  if (found === undefined) throw new Error(`the document refers to ${reference}, which is not there`);
  return found;
}

function object(dice: Dice, { properties = {}, required = [] }: Schema, document: OpenApi): object {
  const names = Object.keys(properties).filter((name) => required.includes(name) || dice.oneIn(2));
  return Object.fromEntries(names.map((name) => [name, valid(dice, properties[name] ?? {}, document)]));
}

function string(dice: Dice, { minLength = 0, maxLength = 5000, pattern = "" }: Schema): string {
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && text.isWellFormed() && new RegExp(pattern).test(text);
  const known = TEXTS.filter(fits);
  return known.length > 0 ? dice.pick(known) : "x".repeat(minLength);
}

function number(dice: Dice, { minimum = -10, maximum = 1_000_000 }: Schema): number {
  return dice.pick([minimum, maximum, minimum + dice.below(Math.min(1_000, maximum - minimum + 1))]);
}

/** What the schema takes with something in it changed, which most schemas do not take any more. */
export function changed(dice: Dice, value: unknown): unknown {
  if (typeof value !== "object" || value === null || dice.oneIn(4)) return dice.pick(HOSTILE);
  const copy = structuredClone(value) as Record<string, unknown>;
  const name = Object.keys(copy).length === 0 ? text(dice) : dice.pick(Object.keys(copy));
  const change = dice.below(3);
  if (change === 0) delete copy[name];
  else copy[change === 1 ? text(dice) : name] = dice.oneIn(2) ? text(dice) : dice.pick(HOSTILE);
  return copy;
}
