import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      for (const id of ["developed", "watched", "slow"]) await host.install("v2", id);
    },
  });
  for (const id of ["developed", "watched", "slow"]) await host.reaches(id, "running");
});

afterAll(() => host[Symbol.asyncDispose]());

function develop(id: string, leaseMs: number): Promise<Response> {
  return host.fetch(`/api/plugins/${id}/development`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ lease_ms: leaseMs }),
  });
}

async function pidOf(id: string): Promise<number> {
  return (await host.plugin(id))?.pid ?? 0;
}

describe("Plugin Supervision: a plugin in development", () => {
  test("a debugger that stops it does not get it killed; when the lease is over it is watched as usual", async () => {
    expect(await (await develop("developed", 60_000)).json()).toMatchObject({ id: "developed", development: true });
    const [developed, watched] = [await pidOf("developed"), await pidOf("watched")];
    process.kill(developed, "SIGSTOP");
    await host.reaches("developed", "running", "unhealthy");
    process.kill(watched, "SIGSTOP");
    // Stopped later, and yet the first to be killed.
    await until("the one that is watched was killed", async () => (await host.plugin("watched"))?.crash ?? null);
    expect(await host.plugin("developed")).toMatchObject({ pid: developed, status: "running", health: "unhealthy" });
    process.kill(developed, "SIGCONT");
    await host.reaches("developed", "running", "healthy");

    process.kill(developed, "SIGSTOP");
    await develop("developed", 0);
    await until("it was killed", async () => (await host.plugin("developed"))?.crash ?? null);
  });

  test("a lease ends by itself, and each change is told", async () => {
    await develop("slow", 300);
    expect((await host.plugin("slow"))?.development).toBe(true);
    await until("the lease is over", async () => (await host.plugin("slow"))?.development === false);
  });

  test("a lease stays while the file is replaced", async () => {
    await develop("slow", 60_000);
    const before = await host.plugin("slow");
    await host.install("v2", "slow", { version: "2.0.0" });
    const after = await until("the new file runs", async () => {
      const plugin = await host.plugin("slow");
      return plugin?.status === "running" && plugin.pid !== before?.pid ? plugin : null;
    });
    expect(after.development).toBe(true);
  });

  test("bad leases and unknown plugins are refused in words", async () => {
    for (const lease of [-1, 60_001, 0.5]) {
      const response = await develop("slow", lease);
      expect([lease, response.status]).toEqual([lease, 400]);
      expect(((await response.json()) as { detail: string }).detail).toContain("lease_ms");
    }
    expect((await develop("nobody", 1000)).status).toBe(404);
  });
});
