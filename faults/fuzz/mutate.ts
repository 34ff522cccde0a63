import type { Dice } from "./dice.ts";

/** Texts that stand in place of a value or a key of a message; not all are JSON. */
const TOKENS = [
  "null true false 0 -0 -1 1 2 1.5 1e3 1e400 -1e400 1E-400 01 1. .5 +1 0x1 NaN Infinity -Infinity".split(" "),
  "4294967295 4294967296 9007199254740993 18446744073709551616".split(" "),
  "9".repeat(400),
  "9".repeat(5000),
  ['""', '"a"', '"1"', '"__proto__"', '"constructor"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u12"'],
  ['"\\x"', '"\u00e9\u{1f600}"', '"\u2028"', '"\t"', '"unclosed', "'a'", "undefined", "/**/", '"=="', '"QR=="'],
  ['"QQ=="', '"QQ"', '"_-8="', '"UTF-8"', '"websocket"', '"init"', '"ping"', '"list"', '"set"', '"get"', '"http"'],
  ["{}", "[]", "[[]]", '{"a":1,"a":2}', '{"__proto__":{"status":200}}', '{"error":{}}', '{"error":"e"}', "[1,]"],
  ['{"stream":1}', '{"stream":1,"credit":65536}', '{"stream":1,"stop":true}', '{"code":1,"message":[]}', "{,}"],
  `${"[".repeat(60)}${"]".repeat(60)}`,
  `"${"x".repeat(700)}"`,
  `"${"\u00e9".repeat(300)}"`,
]
  .flat()
  .map((token) => Buffer.from(token).toString("latin1"));
const VALUES = TOKENS.filter(isJson);
/** Deeper than any parser or writer that calls itself can go. */
const DEEP = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
const FIELDS = `type timestamp request_id payload action method path headers body body_base64 stream credit stop cancel
  upgrade status key value keys more level message error fields features protocol grace_ms __proto__`
  .split(/\s+/)
  .map((name) => `"${name}"`);
const VALUE = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\{\}|\[\]/g;
const SPECIAL_BYTES = [0x00, 0x0a, 0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff];

function isJson(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}

/** One to three fields that are others now, or one more: JSON stays JSON. */
export function changeFields(dice: Dice, payload: Uint8Array): Buffer {
  let text = Buffer.from(payload).toString("latin1");
  for (let changes = 1 + dice.below(3); changes > 0; changes--) {
    text = dice.oneIn(4) ? withField(dice, text, VALUES) : withOtherValue(dice, text, VALUES);
  }
  return Buffer.from(text, "latin1");
}

/** One to four changes to a payload, which know JSON or do not. */
export function mutate(dice: Dice, payload: Uint8Array, others: readonly Uint8Array[]): Buffer {
  let text = Buffer.from(payload).toString("latin1");
  for (let changes = 1 + dice.below(4); changes > 0; changes--) text = change(dice, text, others);
  return Buffer.from(text, "latin1");
}

function change(dice: Dice, text: string, others: readonly Uint8Array[]): string {
  const at = dice.below(text.length + 1);
  const to = at + dice.below(Math.min(40, text.length - at + 1));
  switch (dice.below(12)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + String.fromCharCode(dice.pick(SPECIAL_BYTES)) + text.slice(at + dice.below(2));
    case 2:
      return text.slice(0, at) + text.slice(to);
    case 3:
      return text.slice(0, to) + text.slice(at);
    case 4:
      return text.slice(0, at) + dice.pick(TOKENS) + text.slice(at);
    case 5:
      return text.slice(0, at) + Buffer.from(dice.pick(others)).toString("latin1").slice(at);
    case 6:
      return withField(dice, text, TOKENS);
    default:
      return withOtherValue(dice, text, TOKENS);
  }
}

function withOtherValue(dice: Dice, text: string, tokens: readonly string[]): string {
  const found = [...text.matchAll(VALUE)];
  if (found.length === 0) return text + dice.pick(tokens);
  const { index, 0: old } = dice.pick(found);
  const isKey = text[index + old.length] === ":";
  const token = isKey ? dice.pick(FIELDS) : dice.oneIn(400) ? DEEP : dice.pick(tokens);
  return text.slice(0, index) + token + text.slice(index + old.length);
}

/** One more at the start of some object. */
function withField(dice: Dice, text: string, tokens: readonly string[]): string {
  const braces = [...text.matchAll(/\{/g)];
  if (braces.length === 0) return text;
  const at = dice.pick(braces).index + 1;
  const comma = text[at] === "}" ? "" : ",";
  return `${text.slice(0, at)}${dice.pick(FIELDS)}:${dice.pick(tokens)}${comma}${text.slice(at)}`;
}

/** The payload with its length in front; rarely with a wrong one. */
export function toFrame(dice: Dice, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  const wrong = [0, 0xffff_ffff, 16 * 1024 * 1024 + 1, payload.length + 1, Math.max(1, payload.length - 1)];
  header.writeUInt32BE(dice.oneIn(50) || payload.length === 0 ? dice.pick(wrong) : payload.length);
  return Buffer.concat([header, payload]);
}
