import { describe, expect, test } from "bun:test";
import { MAX_SOCKET_PATH_BYTES, runDirProblem, socketPath } from "./socket-path.ts";

const LONGEST_ID = "a".repeat(64);

/** A run folder with a path of this many bytes. */
function runDir(bytes: number): string {
  return `/${"r".repeat(bytes - 1)}`;
}

describe("socketPath", () => {
  test("is named after the plugin", () => {
    expect(socketPath("/run/toru", "acme", false)).toBe("/run/toru/acme.sock");
    expect(socketPath("/run/toru", LONGEST_ID, false)).toBe(`/run/toru/${LONGEST_ID}.sock`);
  });

  test("uses the plugin's id up to the last byte that fits, then a hash", () => {
    const fits = MAX_SOCKET_PATH_BYTES - `/${LONGEST_ID}.sock`.length;
    expect(socketPath(runDir(fits), LONGEST_ID, false)).toHaveLength(MAX_SOCKET_PATH_BYTES);
    expect(socketPath(runDir(fits + 1), LONGEST_ID, false)).toMatch(/\/[0-9a-f]{12}\.sock$/);
  });

  test("the hash is the same every time, and another one for another plugin", () => {
    const dir = runDir(80);
    expect(socketPath(dir, LONGEST_ID, false)).toBe(socketPath(dir, LONGEST_ID, false));
    expect(socketPath(dir, LONGEST_ID, false)).not.toBe(socketPath(dir, `${"a".repeat(63)}b`, false));
  });

  test("counts bytes, not characters", () => {
    const dir = `/${"ž".repeat(40)}`;
    expect(Buffer.byteLength(socketPath(dir, "a".repeat(30), false))).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
  });
});

describe("runDirProblem", () => {
  test("allows a run folder exactly as long as every plugin's socket fits, and names the setting beyond it", () => {
    let longest = 1;
    while (runDirProblem(runDir(longest + 1)) === null) longest += 1;
    const path = socketPath(runDir(longest), LONGEST_ID, false);
    expect(Buffer.byteLength(path)).toBe(MAX_SOCKET_PATH_BYTES);
    const problem = runDirProblem(runDir(longest + 3));
    expect(problem).toContain("3 bytes too long");
    expect(problem).toContain("TORU_RUN_DIR");
    expect(problem).toContain(runDir(longest + 3));
  });
});
