import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failingDisk } from "./support/failing-disk.ts";
import { smallDisk } from "./support/small-disk.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MIB = 1024 * 1024;
const DISK_MIB = 4;
const mayMount = await isHad((folder) => smallDisk(folder, 1));
const mayFail = await isHad((folder) => failingDisk(join(folder, "disk"), folder));

/** Whether this machine lets us have such a disk. */
async function isHad(make: (folder: string) => Promise<AsyncDisposable | null>): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "toru-mount-"));
  const disk = await make(folder);
  await disk?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  return disk !== null;
}

function store(host: TestHost, key: string, value: string): Promise<Response> {
  return host.post("/api/plugins/acme/kv", { action: "set", key, value });
}

/** What the plugin itself is told. */
function askAsPlugin(host: TestHost, action: string, fields: Record<string, string>): Promise<Record<string, unknown>> {
  return host.json(`/plugins/acme/kv/${action}?${new URLSearchParams(fields)}`);
}

async function lostLines(host: TestHost): Promise<number> {
  const metrics = await (await host.fetch("/metrics")).text();
  return Number(/^toru_log_lines_lost_total (\d+)$/m.exec(metrics)?.[1]);
}

describe("Storage faults", () => {
  test("a database that another process locks: a write waits, everything else goes on", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    const { pid } = await host.reaches("acme", "running", "healthy");
    using other = new Database(join(host.dataDir, "toru.db"));
    other.run("BEGIN IMMEDIATE");
    let isAnswered = false;
    const write = askAsPlugin(host, "set", { key: "key", value: "value" }).finally(() => (isAnswered = true));
    for (let time = 1; time <= 20; time += 1) {
      for (const path of ["/healthz", "/readyz", "/api/plugins", "/plugins/acme/x"])
        expect((await host.fetch(path)).status).toBe(200);
    }
    expect(isAnswered).toBe(false);
    other.run("COMMIT");
    expect(await write).toEqual({ value: null });
    expect(await host.plugin("acme")).toMatchObject({ pid, health: "healthy", restarts: 0 });
  }, 60_000);

  test("a damaged database: no start makes an empty one of it, however often it is tried, and nothing is run", async () => {
    await using first = await TestHost.start({
      ready: false,
      prepare: async (host) => {
        await host.install("v2", "acme");
        const database = new Database(join(host.folder, "toru.db"));
        database.run("CREATE TABLE accounts (something TEXT)");
        database.close();
        const content = await readFile(join(host.folder, "toru.db"));
        await mkdir(host.dataDir);
        await writeFile(join(host.dataDir, "toru.db"), content.fill(0xaa, 100, 4096));
      },
    });
    expect(await first.exited()).toBe(1);
    for (const output of [first.output, (await first.command("serve")).stderr]) {
      expect(output).toMatch(
        /^toru: the database \S+ (?:is|was) damaged .*restore a backup to .*or, to begin with an empty/,
      );
      expect(output).not.toContain("    at ");
    }
    expect(first.output).not.toContain("/setup?token=");
    expect(await readdir(first.dataDir)).not.toContain("toru.db");
    expect(await first.processes()).toEqual([]);
    const reset = await first.command("admin", "reset-password");
    expect(reset).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("was damaged and set aside") });
  });

  test.skipIf(!mayFail)(
    "a disk that fails: what cannot be stored is refused in words, all else goes on, and so does storing once it is mended",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "toru-disk-"));
      await using parts = new AsyncDisposableStack();
      parts.defer(() => rm(folder, { recursive: true }));
      const mounted = join(folder, "disk");
      const disk = await failingDisk(mounted, folder);
      if (disk === null) throw new Error("what could be mounted before cannot be now");
      parts.use(disk);
      const env = { TORU_DATABASE_URL: `sqlite:${mounted}/toru.db`, TORU_LOG_DIR: `${mounted}/logs` };
      const host = parts.use(await TestHost.start({ env, prepare: (host) => host.install("v2", "acme") }));
      const { pid } = await host.reaches("acme", "running", "healthy");
      const create = (username: string) =>
        host.post("/api/users", { username, password: "long enough to pass", role: "user" });
      expect((await create("before")).status).toBe(201);

      await disk.fail();
      const refused = await create("lost");
      expect([refused.status, await refused.json()]).toEqual([
        503,
        expect.objectContaining({
          type: "/problems/storage-failed",
          detail: expect.stringContaining("Check the disk"),
        }),
      ]);
      for (const path of ["/", "/healthz", "/api/plugins", "/api/users", "/plugins/acme/x"])
        expect([path, (await host.fetch(path)).status]).toEqual([path, 200]);
      expect(await host.plugin("acme")).toMatchObject({ pid, health: "healthy", restarts: 0 });

      await disk.mend();
      await until("accounts are stored again", async () => (await create("after")).status === 201);
      const users = await host.json<{ username: string }[]>("/api/users");
      expect(users.map(({ username }) => username)).toEqual(["admin", "before", "after"]);
    },
    60_000,
  );

  test.skipIf(!mayMount)(
    "a full disk: the panel is up and says so, lost lines are counted, and all goes on when there is room",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "toru-disk-"));
      await using parts = new AsyncDisposableStack();
      parts.defer(() => rm(folder, { recursive: true }));
      const disk = await smallDisk(folder, DISK_MIB);
      if (disk === null) throw new Error("what could be mounted before cannot be now");
      parts.use(disk);
      const env = { TORU_DATABASE_URL: `sqlite:${folder}/toru.db`, TORU_LOG_DIR: `${folder}/logs` };
      const prepare = (host: TestHost) => host.install("v2", "acme");
      const host = parts.use(await TestHost.start({ env, prepare }));
      const { pid } = await host.reaches("acme", "running", "healthy");
      await disk.fill();

      const refused = await until("SQLite has no room left", async () => {
        const response = await store(host, "key", "x".repeat(MIB));
        return response.ok ? null : response;
      });
      expect([refused.status, await refused.json()]).toEqual([
        503,
        expect.objectContaining({ type: "/problems/storage-failed", detail: expect.stringContaining("is full. Free") }),
      ]);
      const told = await until("the plugin is told, too", async () => {
        const value = "x".repeat(8_000);
        const reply = await askAsPlugin(host, "set", { key: `key-${Math.random()}`, value });
        return "error" in reply ? reply : null;
      });
      expect(told).toEqual({
        error: { code: "storage_failed", message: expect.stringContaining("free some space") },
      });
      await host.fetch("/plugins/acme/stdout?lines=2000");
      await until("lost lines are counted", async () => (await lostLines(host)) > 0);
      for (const path of ["/", "/healthz", "/readyz", "/api/plugins", "/api/plugins/acme/logs", "/plugins/acme/x"])
        expect([path, (await host.fetch(path)).status]).toEqual([path, 200]);
      expect((await host.post("/api/plugins/acme/restart")).status).toBeLessThan(300);
      await until("the successor runs", async () => (await host.reaches("acme", "running", "healthy")).pid !== pid);

      await disk.makeRoom();
      expect((await store(host, "key", "x".repeat(MIB))).status).toBe(200);
      expect(await askAsPlugin(host, "get", { key: "key" })).toEqual({ value: "x".repeat(MIB) });
      await until("the log tells of its loss", async () => {
        const { logs } = await host.json<{ logs: { message: string }[] }>("/api/plugins/acme/logs?q=lines+were+lost");
        return logs.length > 0;
      });
    },
    60_000,
  );
});
