/** What a plugin says of itself. The host reads it before it starts the plugin; the panel shows it. */
export interface Manifest {
  /** Letters, digits and hyphens, 1 to 64, the first no hyphen. Never change it: data and settings hang on it. */
  id: string;
  /** 1 to 100 characters. */
  name: string;
  /** 1 to 64 characters, like `"1.2.0"`. */
  version: string;
  /** One emoji, an icon name like `"hard-drive"`, or a `data:image/` URI of at most 32 KiB. */
  icon: string;
  /** `/` and one segment in lower case, like `"/my-plugin"`: requests for `/plugins/my-plugin/…` come here. */
  route: string;
  author?: string | null;
  description?: string | null;
  homepage?: string | null;
  license?: string | null;
  /** `"iframe"`: the panel runs the page in a frame without an origin, where it cannot act as who has it open. */
  isolation?: "none" | "iframe" | null;
}

const MAX_ICON_BYTES = 32 * 1024;

const RULES: readonly [keyof Manifest, (text: string) => boolean, string][] = [
  [
    "id",
    (id) => /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(id) && id.toLowerCase() !== "route",
    'must have 1 to 64 letters, digits and hyphens, the first no hyphen; "route" is reserved',
  ],
  ["name", (name) => isLine(name, 100), "must have 1 to 100 characters and not be blank"],
  ["version", (version) => isLine(version, 64), "must have 1 to 64 characters and not be blank"],
  [
    "icon",
    (icon) => icon !== "" && Buffer.byteLength(icon) <= MAX_ICON_BYTES,
    "must be one emoji, an icon name or a data:image/ URI of at most 32 KiB",
  ],
  [
    "route",
    (route) => /^\/[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/.test(route) && !route.includes(".."),
    'must be "/" and one segment of 1 to 64 letters, digits and . _ ~ -, the first a letter or digit',
  ],
];

/** Throws a TypeError that names every field at fault. */
export function checkManifest(manifest: Manifest): void {
  const faults = RULES.flatMap(([field, isRight, rule]) => {
    const value: unknown = manifest[field];
    if (value === undefined) return [`${field} is missing`];
    return typeof value === "string" && isRight(value) ? [] : [`${field} ${rule}, not ${JSON.stringify(value)}`];
  });
  if (faults.length > 0) throw new TypeError(`the manifest of the plugin is wrong: ${faults.join("; ")}`);
}

function isLine(text: string, maxCharacters: number): boolean {
  return text.trim() !== "" && Array.from(text).length <= maxCharacters;
}
