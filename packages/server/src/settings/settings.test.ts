import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SETTING_NAMES, SETTINGS, flagName, type SettingName } from "./setting-table.ts";
import { readSettings, type Flags, type Settings } from "./settings.ts";
import { writableFolder } from "./writable-folder.ts";

/** Folders that are given, so that none of the defaults is tried on this machine. */
const FOLDERS = { TORU_LOG_DIR: "logs", TORU_RUN_DIR: "run" };

async function read(flags: Flags, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const result = await readSettings(flags, { ...FOLDERS, ...environment });
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.settings;
}

async function problems(flags: Flags, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const result = await readSettings(flags, { ...FOLDERS, ...environment });
  return result.ok ? [] : result.problems;
}

describe("settings", () => {
  test("without any the defaults hold, with absolute paths", async () => {
    expect(await read({}, {})).toEqual({
      host: "127.0.0.1",
      port: 3000,
      allowedHosts: [],
      trustedProxies: [],
      httpsOnly: false,
      pluginsDir: resolve("plugins"),
      dataDir: resolve("data"),
      logDir: resolve("logs"),
      runDir: resolve("run"),
      databaseUrl: `sqlite:${resolve("data/toru.db")}`,
      adminPassword: null,
      backoffBaseMs: 1_000,
      crashLimit: 10,
      crashesPerHour: 20,
      stableAfterMs: 60_000,
      healthIntervalMs: 5_000,
      requestTimeoutMs: 30_000,
      startTimeoutMs: 10_000,
      stopGraceMs: 5_000,
      maxFrameBytes: 16 * 1024 * 1024,
      maxBodyBytes: Infinity,
      notices: [],
    });
  });

  test("a flag goes before the environment, and that before the default", async () => {
    expect((await read({ TORU_PORT: "1" }, { TORU_PORT: "2" })).port).toBe(1);
    expect((await read({}, { TORU_PORT: "2" })).port).toBe(2);
    expect((await read({}, { TORU_PORT: "" })).port).toBe(3000);
  });

  test("all problems are told together, each with its name, what was expected and what was given", async () => {
    const found = await problems(
      { TORU_PORT: "65536" },
      { TORU_CRASH_LIMIT: "0", TORU_BACKOFF_BASE_MS: "1.5", TORU_HOST: "example.org", TORU_ADMIN_PASSWORD: "short" },
    );
    expect(found).toHaveLength(5);
    const text = found.join("\n");
    expect(text).toContain('--port must be a whole number from 0 to 65535, not "65536"');
    expect(text).toContain('TORU_CRASH_LIMIT must be a whole number from 1 to 1000, not "0"');
    expect(text).toMatch(/TORU_BACKOFF_BASE_MS must be a whole number from 1 to \d+ \(milliseconds\), not "1\.5"/);
    expect(text).toContain('TORU_HOST must be an IP address or localhost, not "example.org"');
    expect(text).toContain("TORU_ADMIN_PASSWORD must have at least 10 characters");
  });

  test("names and networks are lists, and each of them is checked", async () => {
    const { allowedHosts, trustedProxies, httpsOnly } = await read(
      { TORU_ALLOWED_HOSTS: "panel.example.org, *.lan" },
      { TORU_TRUSTED_PROXIES: "127.0.0.1,fd00::/8", TORU_HTTPS_ONLY: "true" },
    );
    expect([allowedHosts, trustedProxies, httpsOnly]).toEqual([
      ["panel.example.org", "*.lan"],
      ["127.0.0.1", "fd00::/8"],
      true,
    ]);
    const wrong = { TORU_ALLOWED_HOSTS: "a,https://b", TORU_TRUSTED_PROXIES: "10.0.0.0/33", TORU_HTTPS_ONLY: "yes" };
    const found = (await problems({}, wrong)).join("\n");
    expect(found).toContain("TORU_ALLOWED_HOSTS must be host names without ports");
    expect(found).toContain("TORU_TRUSTED_PROXIES must be IP addresses or networks");
    expect(found).toContain('TORU_HTTPS_ONLY must be true or false, not "yes"');
  });

  test("an empty password is none", async () => {
    expect((await read({}, { TORU_ADMIN_PASSWORD: "" })).adminPassword).toBeNull();
  });

  test("a password that is refused is not shown", async () => {
    expect((await problems({}, { TORU_ADMIN_PASSWORD: "hunter2" })).join("\n")).not.toContain("hunter2");
  });

  test.each(["127.0.0.1", "::1", "0.0.0.0", "localhost"])("the address %s is taken", async (host) => {
    expect((await read({}, { TORU_HOST: host })).host).toBe(host);
  });

  test.each(["-1", "1e3", " 5", "0x10", "٣", "5ms"])("%j is no number of milliseconds", async (text) => {
    expect(await problems({}, { TORU_STOP_GRACE_MS: text })).toHaveLength(1);
  });

  test("each has a default that it takes itself, and a flag of its own", () => {
    for (const name of SETTING_NAMES) {
      const { schema, fallback } = SETTINGS[name];
      if (fallback !== null) expect(schema.safeParse(fallback).success, name).toBe(true);
    }
    const flags = SETTING_NAMES.map((name: SettingName) => flagName(name));
    expect(flags).toContain("max-frame-bytes");
    expect(new Set(flags).size).toBe(flags.length);
  });
});

describe("writableFolder", () => {
  test("the first that can be made is taken, else the last without trying it", async () => {
    const root = await mkdtemp(join(tmpdir(), "toru-"));
    try {
      const missing = join(root, "no", "parent");
      const fine = join(root, "fine");
      expect(await writableFolder([missing, fine], "last", 0o700)).toBe(fine);
      expect(await writableFolder([fine], "last", 0o700)).toBe(fine);
      expect(await writableFolder([missing], "last", 0o700)).toBe("last");
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test("a file in the place of a folder is passed over", async () => {
    expect(await writableFolder([import.meta.path], "last", 0o700)).toBe("last");
  });
});
