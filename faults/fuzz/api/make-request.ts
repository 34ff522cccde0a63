import type { Dice } from "../dice.ts";
import type { OpenApi, Operation } from "./open-api.ts";
import { changed, text, valid } from "./values.ts";

export interface ApiRequest {
  operation: Operation;
  /** With the query. */
  target: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | null;
  /** The body, where it is one value of JSON. */
  json: { value: unknown } | null;
}

/** What a parameter of this name may well be; the rest is for chance. */
export type Hints = Record<string, readonly string[]>;

const MIB = 1024 * 1024;

/** A request of an operation, of which all may be right. */
export function makeRequest(dice: Dice, operation: Operation, document: OpenApi, hints: Hints): ApiRequest {
  const made: ApiRequest = {
    operation,
    target: target(dice, operation, document, hints),
    headers: {},
    body: null,
    json: null,
  };
  const media = operation.requestBody?.content["application/json"];
  if (dice.oneIn(20)) made.headers["last-event-id"] = encodeURIComponent(text(dice).toWellFormed()).slice(0, 300);
  if (dice.oneIn(20)) made.headers["if-none-match"] = dice.pick(['"x"', "*", "W/", ","]);
  if (media === undefined) return made;
  const right = valid(dice, media.schema, document);
  const value = dice.oneIn(2) ? right : changed(dice, right);
  return withBody(dice, made, value);
}

function withBody(dice: Dice, made: ApiRequest, value: unknown): ApiRequest {
  const json = JSON.stringify(value);
  const headers = { ...made.headers, "content-type": "application/json" };
  switch (dice.below(16)) {
    case 0:
      return { ...made, headers, body: dice.bytes(40) as Uint8Array<ArrayBuffer> };
    case 1:
      return { ...made, headers, body: json.slice(0, dice.below(json.length)) };
    case 2:
      return {
        ...made,
        headers: { ...headers, "content-type": dice.pick(["text/plain", "application/xml", "a/b;"]) },
        body: json,
      };
    case 3:
      return dice.oneIn(8) ? { ...made, headers, body: `"${"x".repeat(8 * MIB)}"` } : made;
    default:
      return { ...made, headers, body: json, json: { value } };
  }
}

function target(dice: Dice, { path, parameters }: Operation, document: OpenApi, hints: Hints): string {
  const value = (name: string, schema: object) => {
    const known = hints[name];
    if (known !== undefined && !dice.oneIn(6)) return dice.pick(known);
    return dice.oneIn(2) ? asText(valid(dice, schema, document)) : text(dice);
  };
  let filled = path;
  const query: string[] = [];
  for (const { name, in: place, schema, required } of parameters) {
    if (place === "path") filled = filled.replace(`{${name}}`, () => encode(other(value(name, schema))));
    else if (required === true || dice.oneIn(2)) query.push(`${name}=${encode(value(name, schema))}`);
  }
  if (dice.oneIn(10)) query.push(dice.pick(["=", "page=2", "%ff=%", "type=started", "x".repeat(3_000)]));
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

/** An empty one would be another path, and the account of the admin is one that asks. */
function other(value: string): string {
  return value === "" || value.toLowerCase() === "admin" ? "nobody" : value;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A dot alone would be taken for a way through the folders. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(/^\.+$/, "%2E");
}
