import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { parseManifest, type Manifest } from "./manifest.ts";

const SPEC = join(import.meta.dir, "../../../spec");

interface GoldenManifests {
  valid: { name: string; output: string; manifest: object; protocol: 1 | 2; handles: string[] }[];
  invalid: { name: string; output: string; fields: string[] }[];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(SPEC, path), "utf8"));
}

const golden = readJson("golden/manifests.json") as GoldenManifests;
const fitsSchema = new Ajv2020({ allowUnionTypes: true }).compile(readJson("schema/manifest.schema.json") as object);

function reasonOf(output: string): string {
  const result = parseManifest(output);
  return result.ok ? "" : result.reason;
}

function accepted(output: string): Manifest {
  const result = parseManifest(output);
  if (!result.ok) throw new Error(result.reason);
  return result.manifest;
}

const BASE = { id: "acme", name: "ACME", version: "1.0", icon: "shield", route: "/acme" };
const withField = (fields: object) => JSON.stringify({ ...BASE, ...fields });

describe("valid golden manifests", () => {
  for (const { name, output, manifest, protocol, handles } of golden.valid) {
    test(name, () => {
      expect(accepted(output)).toEqual({
        ...(manifest as Manifest),
        protocol,
        handles: handles as Manifest["handles"],
      });
      expect(fitsSchema(JSON.parse(output))).toBe(true);
    });
  }
});

describe("invalid golden manifests", () => {
  // JSON Schema cannot say "one emoji".
  const lookRight = new Set(["icon is two emoji"]);
  for (const { name, output, fields } of golden.invalid) {
    test(`${name}${fields.length > 0 ? ` (${fields.join(", ")})` : ""}`, () => {
      const reason = reasonOf(output);
      expect(namedFields(reason)).toEqual(fields.toSorted());
      if (fields.length > 0) expect(fitsSchema(JSON.parse(output))).toBe(lookRight.has(name));
      else expect(reason).toContain("--metadata");
    });
  }

  function namedFields(reason: string): string[] {
    if (!reason.startsWith("invalid manifest: ")) return [];
    const problems = reason.slice("invalid manifest: ".length).split("; ");
    const fields = problems.flatMap((problem) => /^(\w+)(?:\.\d+)?: ./.exec(problem)?.[1] ?? []);
    return [...new Set(fields)].sort();
  }
});

describe("the reason", () => {
  test("names every field that is missing or wrong", () => {
    expect(reasonOf("{}")).toBe(
      "invalid manifest: id: is missing; name: is missing; version: is missing; icon: is missing; route: is missing",
    );
    expect(reasonOf(withField({ route: "acme", protocol: 3 }))).toMatch(
      /route: must be "\/".*; protocol: must be 1 or 2/,
    );
  });

  test("comes with the id where that can be read, so that the panel can say whose file it is", () => {
    expect(parseManifest(withField({ icon: "" }))).toMatchObject({ ok: false, id: "acme" });
    expect(parseManifest(withField({ id: "a b" }))).toMatchObject({ ok: false, id: null });
    expect(parseManifest("[]")).toMatchObject({ ok: false, id: null });
  });
});

test("deployed plugins with an emoji or a name as icon pass, in every form that keyboards write", () => {
  const icons = [
    "🔧",
    "📦",
    "shield",
    "hard-drive",
    "⚙",
    "⚙️",
    "🗄",
    "🗄️",
    "☁",
    "☁️",
    "❤‍🔥",
    "❤️‍🔥",
    "🏳‍🌈",
    "🇺🇳",
    "1⃣",
    "👁‍🗨",
    "✓",
  ];
  for (const icon of icons) expect([icon, reasonOf(withField({ icon }))]).toEqual([icon, ""]);
  for (const icon of [
    "",
    " ",
    "é",
    "Shield",
    "hard_drive",
    "-x",
    "x-",
    "a--b",
    "🔧 ",
    "a🔧",
    "🇩",
    "\u200d",
    "\ufe0f",
    "*",
  ]) {
    expect([icon, reasonOf(withField({ icon }))]).toEqual([icon, expect.stringContaining("icon: must be")]);
  }
});

describe("hostile manifests", () => {
  test("a key named __proto__ pollutes nothing", () => {
    const manifest = accepted(`{"__proto__":{"enabled":false,"author":"x"},${withField({}).slice(1)}`);
    expect(manifest.author).toBeUndefined();
    expect(Reflect.get(manifest, "enabled")).toBeUndefined();
    expect(reasonOf(`{"__proto__":${withField({})}}`)).toContain("id: is missing");
  });

  test("nesting that the API could not write out again is refused", () => {
    const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
    expect(reasonOf(withField({ extra: nested(99) }))).toBe("");
    expect(reasonOf(withField({ extra: nested(100) }))).toContain("nested deeper than 100 levels");
    const deepest = `${withField({}).slice(0, -1)},"x":${"[".repeat(120_000)}${"]".repeat(120_000)}}`;
    expect(reasonOf(deepest)).toContain("nested deeper than 100 levels");
  });

  test("of a doubled key the last one counts", () => {
    expect(accepted(`{"id":"first",${withField({}).slice(1)}`).id).toBe("acme");
  });
});
