import { expect, test } from "bun:test";
import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { claimFolders } from "./host-folders.ts";

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777;
}

test("folders that the host makes are its own alone; one that was there keeps its mode", async () => {
  await using folder = await temporaryFolder();
  const shared = join(folder.path, "shared");
  await mkdir(shared);
  await chmod(shared, 0o755);
  const made = join(folder.path, "made");
  (await claimFolders(made, shared))[Symbol.dispose]();
  expect(await modeOf(made)).toBe(0o700);
  expect(await modeOf(shared)).toBe(0o755);
});

test("a folder that everybody may write to is refused with what to do", async () => {
  await using folder = await temporaryFolder();
  const open = join(folder.path, "open");
  await mkdir(open);
  await chmod(open, 0o777);
  const refusal = await claimFolders(join(folder.path, "data"), open).catch(String);
  expect(refusal).toMatch(/everybody may write.*TORU_RUN_DIR/);
});
