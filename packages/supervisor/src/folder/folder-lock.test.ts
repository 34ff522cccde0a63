import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SupervisorError } from "../supervisor-error.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { FolderLock } from "./folder-lock.ts";

function acquire(folder: string): FolderLock {
  return FolderLock.acquire(folder, "data folder", "set TORU_DATA_DIR to a folder of its own");
}

function failure(folder: string): SupervisorError {
  try {
    acquire(folder)[Symbol.dispose]();
  } catch (error) {
    if (error instanceof SupervisorError) return error;
    throw error;
  }
  throw new Error("the folder was taken twice");
}

/** A process that takes the folder and holds it until it is killed. */
async function holder(folder: string): Promise<Bun.Subprocess> {
  const script = `
    const { FolderLock } = await import(${JSON.stringify(join(import.meta.dir, "folder-lock.ts"))});
    globalThis.lock = FolderLock.acquire(${JSON.stringify(folder)}, "data folder", "move");
    console.log("taken");
    setInterval(() => globalThis.lock, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit", stdin: "ignore" });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(Buffer.from(value ?? []).toString()).toContain("taken");
  return child;
}

describe("FolderLock", () => {
  test("a second one is refused with the folder's name and what to do, and works after the first is given back", async () => {
    await using folder = await temporaryFolder();
    {
      using lock = acquire(folder.path);
      expect(lock).toBeInstanceOf(FolderLock);
      const error = failure(folder.path);
      expect(error.code).toBe("locked");
      expect(error.message).toContain(folder.path);
      expect(error.message).toContain("set TORU_DATA_DIR");
    }
    acquire(folder.path)[Symbol.dispose]();
  });

  test("another process's lock holds, and ends with the process however that ends", async () => {
    await using folder = await temporaryFolder();
    const child = await holder(folder.path);
    try {
      expect(failure(folder.path).code).toBe("locked");
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
    acquire(folder.path)[Symbol.dispose]();
  });

  test("what an earlier run left in the folder locks nobody out", async () => {
    await using folder = await temporaryFolder();
    acquire(folder.path)[Symbol.dispose]();
    await writeFile(join(folder.path, "toru.lock-journal"), "");
    acquire(folder.path)[Symbol.dispose]();
  });

  test("a folder that is not there is a folder error that names it", () => {
    const error = failure("/proc/no-such-folder");
    expect(error.code).toBe("folder");
    expect(error.message).toContain("/proc/no-such-folder");
  });
});
