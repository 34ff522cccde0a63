import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** Three that want one route, the third in another case, and a fourth that wants the id of the first. */
async function installRivals(host: TestHost): Promise<void> {
  await host.install("v2", "alpha", { route: "/shared" });
  await host.install("v2", "beta", { route: "/shared" });
  await host.install("v2", "gamma", { route: "/SHARED" });
  await host.install("v2", "imitator", { route: "/own", metadata: { id: "alpha" } });
  await host.install("v2", "other");
}

describe("Plugin Routes: collisions", () => {
  test("the first by file name wins; the others are invalid with the file they collide with", async () => {
    await using host = await TestHost.start({ prepare: installRivals });
    await host.reaches("alpha", "running", "healthy");
    await host.reaches("other", "running", "healthy");
    expect(await host.invalid("beta.binary")).toMatch(/route "\/shared".*alpha\.binary/);
    expect(await host.invalid("gamma.binary")).toMatch(/route "\/SHARED".*alpha\.binary/);
    expect(await host.invalid("imitator.binary")).toMatch(/id "alpha".*alpha\.binary/);
    expect((await host.fetch("/plugins/shared/x")).status).toBe(200);
    const { pid } = await host.json<{ pid: number }>("/api/plugins/route/Shared/pid");
    expect(pid).toBe((await host.plugin("alpha"))?.pid ?? -1);

    const details = await host.json<object>("/api/plugins/beta");
    expect(details).toMatchObject({ id: "beta", file: "beta.binary", status: "invalid" });
  });

  test("enabling into a taken route is 409, and the route's holder is not disturbed", async () => {
    await using host = await TestHost.start({ prepare: installRivals });
    const { pid } = await host.reaches("alpha", "running", "healthy");
    await host.invalid("beta.binary");
    const taken = await host.post("/api/plugins/beta/enable");
    expect(taken.status).toBe(409);
    expect(await taken.json()).toMatchObject({ type: "/problems/route-taken", plugin: "beta" });

    await host.post("/api/plugins/gamma/disable");
    await host.reaches("gamma", "disabled");
    const again = await host.post("/api/plugins/gamma/enable");
    expect([again.status, ((await again.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringContaining("alpha.binary"),
    ]);
    expect((await host.plugin("gamma"))?.status).toBe("disabled");
    expect((await host.plugin("alpha"))?.pid).toBe(pid);
  });

  test("of two that are enabled into one route at once, one gets it and the other is refused", async () => {
    await using host = await TestHost.start({ prepare: installRivals });
    await host.reaches("alpha", "running", "healthy");
    for (const id of ["beta", "gamma", "alpha"]) await host.post(`/api/plugins/${id}/disable`);
    await host.reaches("alpha", "disabled");
    const answers = await Promise.all(["beta", "gamma"].map((id) => host.post(`/api/plugins/${id}/enable`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test("a running plugin keeps its route against one that sorts before it", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "beta", { route: "/shared" }) });
    const { pid } = await host.reaches("beta", "running", "healthy");
    await host.install("v2", "alpha", { route: "/shared" });
    expect(await host.invalid("alpha.binary")).toContain("beta.binary");
    expect((await host.plugin("beta"))?.pid).toBe(pid);
  });

  test("a route that its holder gives up goes to the next one", async () => {
    await using host = await TestHost.start({ prepare: installRivals });
    await host.reaches("alpha", "running", "healthy");
    await host.invalid("beta.binary");
    await host.post("/api/plugins/alpha/disable");
    const { pid } = await host.reaches("beta", "running", "healthy");
    expect(await host.json<{ pid: number }>("/api/plugins/route/shared/pid")).toMatchObject({ pid });
    await rm(join(host.pluginsDir, "beta.binary"));
    const next = await host.reaches("gamma", "running", "healthy");
    await until("the last one answers", async () => {
      const response = await host.fetch("/api/plugins/route/shared/pid");
      return response.ok && ((await response.json()) as { pid: number }).pid === next.pid;
    });
  });
});
