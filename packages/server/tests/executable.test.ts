import { beforeAll, describe, expect, test } from "bun:test";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_PASSWORD, exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const ROOT = join(import.meta.dir, "../../..");
const EXECUTABLE = join(ROOT, "dist/toru");
/** A build takes a few seconds; this is for a busy machine. */
const BUILD_LIMIT_MS = 120_000;

beforeAll(async () => {
  if (await exists(EXECUTABLE)) return;
  const build = Bun.spawn(["node", "scripts/build.mjs"], { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
  const output = await Promise.all([new Response(build.stdout).text(), new Response(build.stderr).text()]);
  if ((await build.exited) !== 0) throw new Error(output.join("\n"));
}, BUILD_LIMIT_MS);

/** An empty folder with a copy of the executable in it and nothing else. */
async function aloneInAFolder(): Promise<{ folder: string; toru: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "toru-alone-"));
  const toru = join(folder, "toru");
  await copyFile(EXECUTABLE, toru);
  return { folder, toru, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe("dist/toru, copied alone to an empty folder", () => {
  test("serves there with a real plugin, and is managed by itself", async () => {
    await using alone = await aloneInAFolder();
    await using host = await TestHost.start({
      executable: alone.toru,
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.install("v1-direct", "legacy");
      },
    });
    await host.reaches("acme", "running", "healthy");
    await host.reaches("legacy", "running", "healthy");
    expect(await host.json<object>("/plugins/acme/thing?x=1")).toMatchObject({ path: "/acme/thing?x=1" });
    expect(await host.json<object>("/plugins/acme/kv/set?key=k&value=v")).toEqual({ value: null });
    expect((await host.fetch("/")).status).toBe(200);
    expect((await host.fetch("/readyz")).status).toBe(200);

    const list = Bun.spawn([alone.toru, "plugins", "list"], {
      env: host.environment,
      cwd: alone.folder,
      stdout: "pipe",
    });
    expect(await new Response(list.stdout).text()).toMatch(/^acme .* running +healthy /m);
    expect(await list.exited).toBe(0);
    expect(await host.stop()).toBe(0);
  });

  test("needs no setting: its folders are beside it, or where the system wants them", async () => {
    await using alone = await aloneInAFolder();
    const env = {
      PATH: process.env["PATH"] ?? "",
      TORU_PORT: "0",
      TORU_ADMIN_PASSWORD: ADMIN_PASSWORD,
      // The machine's own folders are not a test's to use.
      TORU_LOG_DIR: "data/logs",
      TORU_RUN_DIR: "data/run",
    };
    const child = Bun.spawn([alone.toru, "serve"], { cwd: alone.folder, env, stdout: "pipe", stderr: "inherit" });
    let output = "";
    const read = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) output += text;
    })();
    try {
      const url = await until("it serves", () => /listens on (http:\S+)/.exec(output)?.[1]);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await readdir(alone.folder)).sort()).toEqual(["data", "plugins", "toru"]);
    } finally {
      child.kill("SIGTERM");
    }
    expect(await child.exited).toBe(0);
    await read;
  });
});
