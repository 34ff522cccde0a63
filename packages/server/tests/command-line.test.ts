import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { pluginListSchema } from "@toru/http-api";
import { RunningCommand } from "./support/command.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme", { version: "1.2.3" });
      await host.install("v1-direct", "legacy");
      await host.install("v2", "failing", { behaviour: "exit-at-once", code: 3 });
      await host.installText("broken.binary", "#!/bin/sh\nexit 4\n");
    },
    env: { TORU_CRASH_LIMIT: "2" },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("legacy", "running", "healthy");
  await host.reaches("failing", "failed");
  await host.invalid("broken.binary");
});

afterAll(() => host[Symbol.asyncDispose]());

const COMMANDS = [
  [],
  ["serve"],
  ["plugins"],
  ["plugins", "list"],
  ["plugins", "enable"],
  ["plugins", "disable"],
  ["plugins", "restart"],
  ["plugins", "logs"],
  ["token"],
  ["token", "create"],
  ["admin"],
  ["admin", "reset-password"],
  ["watch"],
  ["new"],
  ["dev"],
  ["check"],
];

describe("toru", () => {
  test("every command explains itself with --help", async () => {
    const answers = await Promise.all(COMMANDS.map((command) => host.command(...command, "--help")));
    for (const [index, { code, stdout, stderr }] of answers.entries()) {
      const name = ["toru", ...(COMMANDS[index] ?? [])].join(" ");
      expect([name, code, stderr]).toEqual([name, 0, ""]);
      expect(stdout).toStartWith(`Usage: ${name} `);
    }
  });

  test("--version prints the version", async () => {
    const { version } = (await import("../package.json")) as { version: string };
    expect(await host.command("--version")).toEqual({ code: 0, stdout: `toru ${version}\n`, stderr: "" });
  });

  test.each([[["fly"]], [["plugins", "explode"]], [["serve", "--no-such-flag"]], [["plugins", "enable"]]])(
    "%j is refused with a hint",
    async (args) => {
      const { code, stdout, stderr } = await host.command(...args);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^error: /);
      expect(stderr).toContain("--help");
    },
  );
});

describe("toru plugins", () => {
  test("list shows a table with every plugin", async () => {
    const { code, stdout } = await host.command("plugins", "list");
    expect(code).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split("\n");
    expect(header?.split(/ {2,}/)).toEqual([
      "ID",
      "VERSION",
      "STATUS",
      "HEALTH",
      "ROUTE",
      "UPTIME",
      "RESTARTS",
      "NOTE",
    ]);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^acme +1\.2\.3 +running +healthy +\/acme +\d+m?s? .*0$/);
    expect(rows[1]).toMatch(/^broken\.binary +invalid +.*exited with code 4/);
    expect(rows[2]).toMatch(/^failing +1\.0\.0 +failed +disabled +\/failing +\d+ +.*3/);
  });

  test("list --json gives what the API gives", async () => {
    const { stdout } = await host.command("plugins", "list", "--json");
    const listed = pluginListSchema.parse(JSON.parse(stdout));
    expect(listed.map(({ id, status }) => [id, status])).toEqual(
      (await host.plugins()).map(({ id, status }) => [id, status]),
    );
  });

  test("disable, enable and restart do what they say", async () => {
    expect(await host.command("plugins", "disable", "legacy")).toMatchObject({ code: 0, stdout: "legacy: stopping\n" });
    await host.reaches("legacy", "disabled");
    expect(await host.command("plugins", "enable", "legacy")).toMatchObject({ code: 0, stdout: "legacy: starting\n" });
    const { pid } = await host.reaches("legacy", "running", "healthy");
    expect(await host.command("plugins", "restart", "legacy")).toMatchObject({ code: 0 });
    await until("another process runs", async () => {
      const plugin = await host.plugin("legacy");
      return plugin?.status === "running" && plugin.pid !== pid;
    });
  });

  test("logs prints the newest lines, of a least level where one is given", async () => {
    await host.fetch("/plugins/acme/log?message=first");
    await host.fetch("/plugins/acme/log?message=second&level=warn&error=E1");
    await host.fetch(`/plugins/acme/log?message=${encodeURIComponent("\u001b[2Jthird")}`);
    await until("they are written", async () => (await host.log("plugins/acme.log")).length >= 3);
    const { code, stdout } = await host.command("plugins", "logs", "acme", "-n", "2");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S+Z WARN  second error=E1\n\S+Z INFO  third\n$/);
    const warnings = await host.command("plugins", "logs", "acme", "--level", "warn");
    expect(warnings.stdout.trimEnd().split("\n")).toHaveLength(1);
  });

  test("logs -f goes on with what comes, until Ctrl-C", async () => {
    await host.fetch("/plugins/legacy/log?m=before");
    await until("it is written", async () => (await host.log("plugins/legacy.log")).length >= 1);
    await using command = new RunningCommand(host, ["plugins", "logs", "legacy", "-f"]);
    await command.says("before");
    for (let number = 1; number <= 5; number += 1) await host.fetch(`/plugins/legacy/log?m=live-${number}`);
    await command.says("live-5");
    command.signal("SIGINT");
    expect(await command.exited()).toBe(0);
    const shown = command.lines.map((line) => line.split(" ").at(-1) ?? "");
    expect(shown.slice(shown.indexOf("before"))).toEqual(["before", "live-1", "live-2", "live-3", "live-4", "live-5"]);
  });

  test.each([
    [["plugins", "enable", "nobody"]],
    [["plugins", "restart", "nobody"]],
    [["plugins", "logs", "nobody"]],
    [["plugins", "logs", "nobody", "-f"]],
    [["plugins", "enable", "../x"]],
  ])("an unknown id is exit code 1 with a clear message: %j", async (args) => {
    const { code, stdout, stderr } = await host.command(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toStartWith("toru: There is no such plugin: ");
    expect(stderr).toContain(args[2] ?? "");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a number of lines that cannot be is refused with the reason", async () => {
    for (const lines of ["0", "many", "1001"]) {
      const { code, stderr } = await host.command("plugins", "logs", "acme", "-n", lines);
      expect([lines, code]).toEqual([lines, 1]);
      expect(stderr).toContain("page_size");
    }
  });

  test.each([
    [["plugins", "list"]],
    [["plugins", "restart", "acme"]],
    [["plugins", "logs", "acme"]],
    [["token", "create"]],
  ])("without a running host the message says so and what to do: %j", async (args) => {
    const { code, stderr } = await host.command(...args, "--run-dir", `${host.folder}/elsewhere`);
    expect(code).toBe(1);
    expect(stderr).toStartWith("toru: no running host answers on ");
    expect(stderr).toContain("toru serve");
    expect(stderr).toContain("TORU_RUN_DIR");
  });
});

describe("toru token", () => {
  test("create prints the token alone on stdout, and it works over HTTP", async () => {
    const { code, stdout, stderr } = await host.command("token", "create", "--scope", "manage", "--name", "script");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^toru_[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toContain("manage");
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    expect((await fetch(`${host.url}/api/plugins`, { headers })).status).toBe(200);
    expect((await fetch(`${host.url}/plugins/acme/x`, { headers })).status).toBe(200);
    expect((await fetch(`${host.url}/api/plugins/acme/enable`, { method: "POST", headers })).status).toBe(200);
  });

  test("a token may only read unless more is asked for", async () => {
    const { stdout, stderr } = await host.command("token", "create", "--expires-in-days", "never");
    expect(stderr).toContain("never");
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    expect((await fetch(`${host.url}/api/plugins`, { headers })).status).toBe(200);
    expect((await fetch(`${host.url}/api/plugins/acme/disable`, { method: "POST", headers })).status).toBe(403);
  });

  test.each([
    ["--expires-in-days", "soon"],
    ["--expires-in-days", "0"],
    ["--scope", "all"],
    ["--name", ""],
  ])("%s %j is refused", async (flag, value) => {
    const { code, stdout, stderr } = await host.command("token", "create", flag, value);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.length).toBeGreaterThan(20);
  });
});
