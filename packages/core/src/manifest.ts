import { MAX_NESTING_LEVELS, nestsDeeperThan } from "@toru/protocol";
import { z } from "zod";
import { isIcon } from "./icon.ts";

/** Largest output of `--metadata`, in bytes. */
export const MAX_METADATA_BYTES = 256 * 1024;
/** How long `--metadata` may take. */
export const METADATA_TIMEOUT_MS = 5_000;

/** Names that a path of the host's own API needs. */
const RESERVED_IDS: ReadonlySet<string> = new Set(["route"]);

const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const ROUTE = /^\/[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/;

/** Not blank. Characters are code points, so that an emoji in a name is one. */
function text(maxCharacters: number): z.ZodString {
  const isText = (value: string) => value.trim() !== "" && Array.from(value).length <= maxCharacters;
  return z.string().refine(isText, `must have 1 to ${maxCharacters} characters and not be blank`);
}

const manifestSchema = z.looseObject({
  id: z
    .string()
    .regex(ID, "must start with a letter or digit and hold only letters, digits and hyphens, 1 to 64 characters")
    .refine((id) => !RESERVED_IDS.has(id.toLowerCase()), "is reserved for the host; choose another id"),
  name: text(100),
  version: text(64),
  icon: z.string().refine(isIcon, "must be an emoji, an icon name or a data:image/ URI of at most 32 KiB"),
  route: z
    .string()
    .regex(ROUTE, 'must be "/" and one segment of letters, digits and . _ ~ -, which starts with a letter or digit')
    .refine((route) => !route.includes(".."), 'must not hold ".."'),
  author: z.string().nullish(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  license: z.string().nullish(),
  /** Absent, null and "none": the page is a script of the panel. */
  isolation: z.enum(["none", "iframe"], 'must be "none" or "iframe"').nullish(),
  protocol: z.union([z.literal(1), z.literal(2)], "must be 1 or 2, the versions that this host speaks").default(1),
  handles: z.array(z.enum(["http", "kv"], 'may name "http" and "kv"')).default(["http"]),
});

/** What a plugin says of itself. Fields that the host does not know are kept as they came. */
export type Manifest = z.infer<typeof manifestSchema>;

export type ManifestResult =
  | { ok: true; manifest: Manifest }
  /** `id` is null where not even that could be read. */
  | { ok: false; id: string | null; reason: string };

/** Reads the output of `--metadata`. The reason of a refusal names every field that is wrong. */
export function parseManifest(output: string): ManifestResult {
  if (output.trim() === "") return refuse(null, "--metadata printed nothing; it must print one JSON object on stdout");
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (error) {
    return refuse(
      null,
      `--metadata did not print one JSON object: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(null, "--metadata printed JSON that is not an object");
  }
  if (nestsDeeperThan(value, MAX_NESTING_LEVELS)) {
    return refuse(null, `--metadata printed JSON that is nested deeper than ${MAX_NESTING_LEVELS} levels`);
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return { ok: true, manifest: parsed.data };
  const { id } = value as { id?: unknown };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".")}: ${missing(value, path) ?? message}`,
  );
  return refuse(typeof id === "string" && ID.test(id) ? id : null, `invalid manifest: ${problems.join("; ")}`);
}

function missing(value: object, path: PropertyKey[]): string | null {
  const [field] = path;
  return path.length === 1 && typeof field === "string" && !(field in value) ? "is missing" : null;
}

function refuse(id: string | null, reason: string): ManifestResult {
  return { ok: false, id, reason };
}
