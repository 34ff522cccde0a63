import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-imports-"));
  await cp(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "packages/core/src"), { recursive: true });
});

afterAll(() => rm(folder, { recursive: true }));

async function complaints(source: string): Promise<string> {
  await Bun.write(join(folder, "packages/core/src/planted.ts"), source);
  const linter = Bun.spawn([join(root, "node_modules/.bin/oxlint"), "packages"], { cwd: folder, stdout: "pipe" });
  const output = await new Response(linter.stdout).text();
  await linter.exited;
  return output;
}

test.each([
  ['import { x } from "@toru/http";\nexport const y = x;\n', "an import against the arrows"],
  ['import type { X } from "@toru/storage";\nexport type Y = X;\n', "an import of types only"],
  ['export * from "@toru/logs";\n', "a re-export"],
  ['export const x = await import("@toru/server");\n', "a dynamic import"],
  ['import { x } from "../../http/src/x.ts";\nexport const y = x;\n', "a path into another package"],
])("%p in core is caught (%s)", async (source) => {
  expect(await complaints(source)).toContain("no-restricted-imports");
});

test("an import along the arrows is no violation", async () => {
  expect(await complaints('import { x } from "@toru/protocol";\nexport const y = x;\n')).not.toContain("no-restricted");
});
