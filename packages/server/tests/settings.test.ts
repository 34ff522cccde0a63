import { describe, expect, test } from "bun:test";
import { readdir, rm, stat } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { RunningCommand } from "./support/command.ts";
import { ADMIN_PASSWORD, exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** A port that something else listens on, on 127.0.0.1. */
async function takenPort(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, [Symbol.asyncDispose]: close };
}

describe("settings of toru serve", () => {
  test("all problems are told together, and nothing is started or made", async () => {
    await using host = await TestHost.start({
      ready: false,
      env: { TORU_PORT: "http", TORU_CRASH_LIMIT: "-1", TORU_BACKOFF_BASE_MS: "1s", TORU_ADMIN_PASSWORD: "short" },
    });
    expect(await host.exited()).toBe(1);
    expect(host.output).toStartWith("toru: 4 settings are wrong, so nothing was started:\n");
    for (const name of ["TORU_PORT", "TORU_CRASH_LIMIT", "TORU_BACKOFF_BASE_MS", "TORU_ADMIN_PASSWORD"]) {
      expect(host.output).toMatch(new RegExp(`^  ${name} must `, "m"));
    }
    expect(await readdir(host.folder)).toEqual([]);
  });

  test("a flag goes before the environment, and its problem names the flag", async () => {
    await using host = await TestHost.start({ ready: false, env: { TORU_PORT: "http" } });
    await host.exited();
    await using refused = new RunningCommand(host, ["serve", "--port", "99999", "--crash-limit", "0"]);
    expect(await refused.exited()).toBe(1);
    expect(refused.stderr).toContain('--port must be a whole number from 0 to 65535, not "99999"');
    expect(refused.stderr).toContain("--crash-limit must ");
    await using served = new RunningCommand(host, ["serve", "--port", "0"], { TORU_PORT: "http" });
    await served.says("listens on http://127.0.0.1:");
    served.signal("SIGTERM");
    expect(await served.exited()).toBe(0);
  });

  test("a taken port: a clear message, and no plugin was started or is left", async () => {
    await using taken = await takenPort();
    await using host = await TestHost.start({
      ready: false,
      prepare: (host) => host.install("v2", "acme", { until: 0 }),
      env: { TORU_PORT: String(taken.port) },
    });
    expect(await host.exited()).toBe(1);
    expect(host.output).toContain(`port ${taken.port} on 127.0.0.1 is taken`);
    expect(host.output).toContain("--port");
    expect(await host.processes()).toEqual([]);
    expect(await exists(`${host.dataDir}/plugins/acme/starts`)).toBe(false);
  });

  test("a second host on the same folders says so and ends, and the first goes on", async () => {
    await using first = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    const { pid } = await first.reaches("acme", "running", "healthy");
    await using second = new RunningCommand(first, ["serve"]);
    expect(await second.exited()).toBe(1);
    expect(second.stderr).toMatch(/^toru: .*(another|already)/i);
    expect((await first.reaches("acme", "running", "healthy")).pid).toBe(pid);
  });

  test("a log folder that cannot be made is told, and nothing is left running", async () => {
    await using host = await TestHost.start({
      ready: false,
      prepare: async (host) => {
        await host.install("v2", "acme");
        await Bun.write(host.logDir, "a file in the place of the folder");
      },
    });
    expect(await host.exited()).toBe(1);
    expect(host.output).toMatch(/^toru: .*logs/);
    expect(host.output).not.toContain("    at ");
    expect(await host.processes()).toEqual([]);
  });

  test("a file in the place of the plugins folder is told in the log, and once it is gone the plugins load", async () => {
    await using host = await TestHost.start({
      prepare: (host) => Bun.write(host.pluginsDir, "no folder").then(() => undefined),
    });
    await until("it is told", async () =>
      (await host.log("plugin-supervisor.log")).some(({ message }) => String(message).includes(host.pluginsDir)),
    );
    await rm(host.pluginsDir);
    await host.install("v2", "acme");
    await host.reaches("acme", "running", "healthy");
  });
});

describe("the end of toru serve", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it in order, with exit code 0", async (signal) => {
    await using host = await TestHost.start({
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.install("v1-direct", "legacy");
      },
    });
    await host.reaches("acme", "running", "healthy");
    await host.reaches("legacy", "running", "healthy");
    host.signal(signal);
    expect(await host.exited()).toBe(0);
    expect(host.output).toContain("Stopped.");
    expect(await host.processes()).toEqual([]);
    const stopped = (await host.log("plugin-supervisor.log")).at(-1);
    expect(stopped).toMatchObject({ fields: { event: "host-stopped" } });
    expect(await readdir(host.runDir)).not.toContain(".control.sock");
  });
});

describe("the first start of toru serve", () => {
  test("without a password a link creates the admin, once, also when 50 use it at the same moment", async () => {
    await using host = await TestHost.start({ ready: false, env: { TORU_ADMIN_PASSWORD: "" } });
    await until("the link is printed", () => host.output.includes("/setup?token="));
    host.url = /listens on (http:\S+)/.exec(host.output)?.[1] ?? "";
    const token = /\/setup\?token=(\S+)/.exec(host.output)?.[1] ?? "";
    const setUp = (given: string) => host.post("/api/auth/setup", { token: given, password: ADMIN_PASSWORD });
    expect((await setUp("guessed")).status).toBe(403);
    const answers = await Promise.all(Array.from({ length: 50 }, () => setUp(token)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(await made[0]?.json()).toMatchObject({ username: "admin", role: "admin" });
    expect(answers.filter(({ status }) => ![201, 409, 429, 503].includes(status))).toEqual([]);
    expect((await setUp(token)).status).toBeOneOf([409, 429]);
    await host.signIn();
    expect(await host.plugins()).toEqual([]);
  });

  test("folders that hold secrets are closed to others", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await host.reaches("acme", "running", "healthy");
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(host.runDir)).toBe("700");
    expect(await mode(`${host.runDir}/.control.sock`)).toBe("600");
    expect(await mode(`${host.runDir}/acme.sock`)).toBe("600");
    expect(await mode(`${host.dataDir}/plugins/acme`)).toBe("700");
    expect(await mode(`${host.dataDir}/toru.db`)).toBe("600");
  });
});
