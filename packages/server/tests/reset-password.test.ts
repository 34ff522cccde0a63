import { describe, expect, test } from "bun:test";
import { RunningCommand } from "./support/command.ts";
import { ADMIN_PASSWORD, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const NEW_PASSWORD = "quite another one";
/** What ends a session from outside must end it within this, in milliseconds. */
const REVOKED_WITHIN_MS = 5_000;

async function signIn(host: TestHost, password: string): Promise<number> {
  const response = await fetch(`${host.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ username: "admin", password }),
    headers: { "content-type": "application/json", origin: host.url },
  });
  return response.status;
}

async function reset(host: TestHost, input: string, ...more: string[]): Promise<{ code: number; stderr: string }> {
  await using command = new RunningCommand(host, ["admin", "reset-password", "--password-stdin", ...more]);
  await command.input(input);
  return { code: await command.exited(), stderr: command.stderr };
}

describe("toru admin reset-password", () => {
  test("with the host up: a made password is printed alone, works at once, and old sessions end", async () => {
    await using host = await TestHost.start();
    expect((await host.fetch("/api/plugins")).status).toBe(200);
    const { code, stdout, stderr } = await host.command("admin", "reset-password");
    const resetAt = performance.now();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S{20}\n$/);
    expect(stderr).toContain("sessions");
    expect(await signIn(host, stdout.trim())).toBe(200);
    expect(await signIn(host, ADMIN_PASSWORD)).toBe(401);
    await until("the old session has ended", async () => (await host.fetch("/api/plugins")).status === 401);
    expect(performance.now() - resetAt).toBeLessThan(REVOKED_WITHIN_MS + 1_000);
  });

  test("with the host down: the password of standard input holds at the next start", async () => {
    await using first = await TestHost.start();
    const { cookie } = first;
    expect(await first.stop()).toBe(0);
    expect((await reset(first, `${NEW_PASSWORD}\n`)).code).toBe(0);
    await using second = await TestHost.start({ folder: first.folder, ready: false });
    second.url = await until("it serves", () => /listens on (http:\S+)/.exec(second.output)?.[1]);
    expect(await signIn(second, ADMIN_PASSWORD)).toBe(401);
    expect(await signIn(second, NEW_PASSWORD)).toBe(200);
    expect((await second.fetch("/api/plugins", { headers: { cookie } })).status).toBe(401);
  });

  test("a password that is too short, and a name that nobody has, change nothing", async () => {
    await using host = await TestHost.start();
    expect(await reset(host, "short\n")).toMatchObject({ code: 1, stderr: expect.stringContaining("10 characters") });
    expect(await reset(host, "")).toMatchObject({ code: 1 });
    const unknown = await reset(host, NEW_PASSWORD, "--username", "nobody");
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("nobody") });
    expect(await signIn(host, ADMIN_PASSWORD)).toBe(200);
  });

  test("before the first start it creates the admin", async () => {
    await using host = await TestHost.start({
      ready: false,
      prepare: async (host) => expect(await reset(host, NEW_PASSWORD)).toMatchObject({ code: 0 }),
    });
    host.url = await until("it serves", () => /listens on (http:\S+)/.exec(host.output)?.[1]);
    expect(host.output).not.toContain("/setup?token=");
    expect(await signIn(host, NEW_PASSWORD)).toBe(200);
  });
});
