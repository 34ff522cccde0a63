import { describe, expect, test } from "bun:test";
import { chmod, mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { listPluginFiles, type PluginFile } from "./plugin-file.ts";

async function one(folder: string): Promise<PluginFile> {
  const [file, ...others] = await listPluginFiles(folder);
  if (file === undefined || others.length > 0) throw new Error("expected exactly one file");
  return file;
}

describe("listPluginFiles", () => {
  test("lists *.binary by name and nothing else", async () => {
    await using folder = await temporaryFolder();
    for (const name of ["b.binary", "a.binary", "a.binary.new", "bundle.js", ".binary", "binary"]) {
      await writeFile(join(folder.path, name), "#!/bin/sh\n", { mode: 0o755 });
    }
    const files = await listPluginFiles(folder.path);
    expect(files.map(({ file, problem }) => [file, problem])).toEqual([
      ["a.binary", null],
      ["b.binary", null],
    ]);
  });

  test("a folder that is missing is an empty one", async () => {
    await using folder = await temporaryFolder();
    expect(await listPluginFiles(join(folder.path, "none"))).toEqual([]);
  });

  test("a file that is not executable says what to run", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "a.binary");
    await writeFile(path, "#!/bin/sh\n", { mode: 0o644 });
    expect((await one(folder.path)).problem).toBe(`it is not executable; run: chmod +x ${path}`);
  });

  test("what everybody may write to is refused, the file and the folder", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "a.binary");
    await writeFile(path, "#!/bin/sh\n", { mode: 0o755 });
    await chmod(path, 0o757);
    expect((await one(folder.path)).problem).toContain(`everybody may write to it`);
    expect((await one(folder.path)).problem).toEndWith(`chmod o-w ${path}`);
    await chmod(path, 0o775);
    expect((await one(folder.path)).problem).toBeNull();
    await chmod(folder.path, 0o1777);
    expect((await one(folder.path)).problem).toEndWith(`chmod o-w ${folder.path}`);
  });

  test("folders, FIFOs and links to nowhere are listed with what is wrong", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "a.binary"));
    expect(Bun.spawnSync(["mkfifo", join(folder.path, "b.binary")]).exitCode).toBe(0);
    await symlink("nowhere", join(folder.path, "c.binary"));
    const problems = (await listPluginFiles(folder.path)).map(({ problem }) => problem);
    expect(problems).toEqual([
      "it is not a regular file",
      "it is not a regular file",
      expect.stringContaining("it cannot be read"),
    ]);
  });

  test("a link inside the folder is followed, one that leads out of it is refused", async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    await mkdir(join(folder.path, "versions"));
    await writeFile(join(folder.path, "versions", "acme-2"), "#!/bin/sh\n", { mode: 0o755 });
    await symlink("versions/acme-2", join(folder.path, "a.binary"));
    await writeFile(join(elsewhere.path, "acme"), "#!/bin/sh\n", { mode: 0o755 });
    await symlink(join(elsewhere.path, "acme"), join(folder.path, "b.binary"));
    const [inside, outside] = await listPluginFiles(folder.path);
    expect(inside?.problem).toBeNull();
    expect(outside?.problem).toContain("outside the plugins folder");
  });

  test("a folder beside this one whose name only starts alike is outside", async () => {
    await using folder = await temporaryFolder();
    const plugins = join(folder.path, "plugins");
    for (const name of ["plugins", "plugins-old"]) await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, "plugins-old", "x"), "#!/bin/sh\n", { mode: 0o755 });
    await symlink("../plugins-old/x", join(plugins, "a.binary"));
    expect((await one(plugins)).problem).toContain("outside the plugins folder");
  });

  test("the fingerprint changes with content, mode and target, and with nothing else", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "a.binary");
    await writeFile(path, "one", { mode: 0o755 });
    const seen = [(await one(folder.path)).fingerprint];
    expect((await one(folder.path)).fingerprint).toBe(seen[0] ?? "");
    await writeFile(path, "three");
    seen.push((await one(folder.path)).fingerprint);
    await utimes(path, 1, 1);
    seen.push((await one(folder.path)).fingerprint);
    await chmod(path, 0o700);
    seen.push((await one(folder.path)).fingerprint);
    await rm(path);
    await writeFile(join(folder.path, "target"), "four", { mode: 0o755 });
    await symlink("target", path);
    seen.push((await one(folder.path)).fingerprint);
    expect(new Set(seen).size).toBe(5);
  });
});
