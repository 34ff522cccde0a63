import { isObject, nestsDeeper, type JsonObject } from "../codec/message.ts";
import { MAX_METADATA_BYTES } from "./manifest-run.ts";

/** What the exam needs to know of a plugin. */
export interface Manifest {
  id: string;
  name: string;
  version: string;
  route: string;
  protocol: 1 | 2;
  handles: readonly string[];
}

const MAX_NESTING_LEVELS = 100;
const MAX_ICON_URI_BYTES = 32 * 1024;
const MAX_ICON_NAME = 64;
/** The longest emoji sequences in use have 15 UTF-16 units. */
const MAX_EMOJI_UNITS = 32;
const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const ROUTE = /^\/[A-Za-z0-9](?:[A-Za-z0-9_~-]|\.(?!\.)){0,63}$/;
const ICON_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const SYMBOL = String.raw`[\p{Extended_Pictographic}\p{So}](?:\p{Emoji_Modifier}|[\uFE0E\uFE0F])?`;
const EMOJI = new RegExp(
  String.raw`^(?:\p{RGI_Emoji}|\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|${SYMBOL}(?:\u200D${SYMBOL})*)$`,
  "v",
);

/** The object that was printed, or what is wrong with the output as a whole. */
export function readOutput(output: Uint8Array): { value: JsonObject } | { problem: string } {
  if (output.length > MAX_METADATA_BYTES) return { problem: `more than ${MAX_METADATA_BYTES / 1024} KiB` };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(output);
  } catch {
    return { problem: "bytes that are not UTF-8" };
  }
  if (text.trim() === "") return { problem: "nothing" };
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return { problem: "JSON that is not an object" };
    if (nestsDeeper(value, MAX_NESTING_LEVELS))
      return { problem: `JSON nested over ${MAX_NESTING_LEVELS} levels deep` };
    return { value };
  } catch (error) {
    return { problem: `something else than one JSON object (${String(error)})` };
  }
}

/** Every field that is wrong, with what it should be. Empty where the manifest is right. */
export function manifestProblems(value: JsonObject): { field: string; problem: string }[] {
  const problems: { field: string; problem: string }[] = [];
  for (const [field, [isRight, rule]] of Object.entries(RULES)) {
    const content = Object.hasOwn(value, field) ? value[field] : undefined;
    if (!isRight(content)) problems.push({ field, problem: content === undefined ? `is missing; it ${rule}` : rule });
  }
  return problems;
}

/** The manifest with its defaults. Only for one without problems. */
export function toManifest(value: JsonObject): Manifest {
  return { protocol: 1, handles: ["http"], ...value } as unknown as Manifest;
}

type Rule = [isRight: (content: unknown) => boolean, rule: string];

const OPTIONAL_TEXT: Rule = [
  (text) => text === undefined || text === null || typeof text === "string",
  "must be text or null",
];

const RULES: Record<string, Rule> = {
  id: [isId, 'must be 1 to 64 letters, digits and hyphens, the first no hyphen, and not "route"'],
  name: [(name) => isText(name, 100), "must have 1 to 100 characters and not be blank"],
  version: [(version) => isText(version, 64), "must have 1 to 64 characters and not be blank"],
  icon: [isIcon, "must be one emoji, an icon name like hard-drive, or a data:image/ URI of at most 32 KiB"],
  route: [(route) => typeof route === "string" && ROUTE.test(route), 'must be "/" and one segment, like "/my-plugin"'],
  author: OPTIONAL_TEXT,
  description: OPTIONAL_TEXT,
  homepage: OPTIONAL_TEXT,
  license: OPTIONAL_TEXT,
  isolation: [isIsolation, 'must be "none", "iframe" or null'],
  protocol: [(protocol) => protocol === undefined || protocol === 1 || protocol === 2, "must be 1 or 2"],
  handles: [isHandles, 'must be a list out of "http" and "kv"'],
};

function isIsolation(isolation: unknown): boolean {
  return isolation === undefined || isolation === null || isolation === "none" || isolation === "iframe";
}

function isId(id: unknown): boolean {
  return typeof id === "string" && ID.test(id) && id.toLowerCase() !== "route";
}

function isText(text: unknown, maxCharacters: number): boolean {
  return typeof text === "string" && text.trim() !== "" && Array.from(text).length <= maxCharacters;
}

function isIcon(icon: unknown): boolean {
  if (typeof icon !== "string") return false;
  if (icon.startsWith("data:")) return icon.startsWith("data:image/") && Buffer.byteLength(icon) <= MAX_ICON_URI_BYTES;
  if (ICON_NAME.test(icon)) return icon.length <= MAX_ICON_NAME;
  return icon.length <= MAX_EMOJI_UNITS && EMOJI.test(icon);
}

function isHandles(handles: unknown): boolean {
  if (handles === undefined) return true;
  return Array.isArray(handles) && handles.every((type) => type === "http" || type === "kv");
}
