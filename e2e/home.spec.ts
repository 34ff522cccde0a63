import { expect, test } from "./support/test.ts";

const SLOW_RETRY = { TORU_BACKOFF_BASE_MS: "60000" };

test.describe("with plugins", () => {
  test.use({
    hostOptions: {
      env: SLOW_RETRY,
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.install("v2", "beta");
      },
    },
  });

  test("one quiet line while all is well, and each enabled plugin as a tile", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("beta", "running");
    await panel.goto("/");
    await expect(panel.getByText("All 2 plugins are running")).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Needs attention" })).toHaveCount(0);
    const tile = panel.getByRole("main").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
    await expect(tile).toContainText("Running");
    await tile.click();
    await expect(panel).toHaveURL(/\/view\/acme/);
  });

  test("a crashed plugin comes first, and home turns calm by itself once it runs", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("beta", "running");
    await panel.goto("/");
    await expect(panel.getByText("All 2 plugins are running")).toBeVisible();
    await host.kill("acme");
    const row = panel.getByRole("list", { name: "Needs attention" }).getByRole("link", { name: "Acme" });
    await expect(row).toContainText("Crashed");
    await expect(row).toContainText("Ended by the signal SIGKILL");
    await expect(row).toHaveAttribute("href", "/view/acme");
    await host.post("/api/plugins/acme/restart");
    await expect(panel.getByText("All 2 plugins are running")).toBeVisible();
    await expect(row).toHaveCount(0);
  });

  test("the latest events follow what happens", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/");
    const events = panel.getByRole("list", { name: "Latest events" });
    await expect(events.getByRole("listitem").first()).toBeVisible();
    await host.post("/api/plugins/acme/disable");
    await expect(
      events.getByRole("listitem").filter({ hasText: "Acme" }).filter({ hasText: "disabled" }),
    ).toBeVisible();
    await panel.getByRole("link", { name: "All events" }).click();
    await expect(panel).toHaveURL(/\/events$/);
  });

  test("what is disabled by hand is calm, and no tile", async ({ host, panel }) => {
    for (const id of ["acme", "beta"]) {
      await host.reaches(id, "running");
      await host.post(`/api/plugins/${id}/disable`);
    }
    await panel.goto("/");
    await expect(panel.getByText("No plugin is enabled.", { exact: false }).first()).toBeVisible();
    await expect(panel.getByRole("main").getByRole("list", { name: "Plugins" })).toHaveCount(0);
  });
});

test.describe("with what went wrong for good", () => {
  test.use({
    hostOptions: {
      env: { TORU_BACKOFF_BASE_MS: "10", TORU_CRASH_LIMIT: "2" },
      prepare: async (host) => {
        await host.install("v2", "acme", { behaviour: "exit-at-once", code: 3 });
        await host.installText("junk.binary", "#!/bin/sh\necho no metadata\n");
      },
    },
  });

  test("disabled after crashes, and invalid: each with the reason and the way on", async ({ host, panel }) => {
    await host.reaches("acme", "failed");
    await panel.goto("/");
    const list = panel.getByRole("list", { name: "Needs attention" });
    const failed = list.getByRole("link", { name: "Acme" });
    await expect(failed).toContainText("Disabled after crashes");
    await expect(failed).toContainText("Ended with exit code 3");
    await expect(failed).toHaveAttribute("href", "/view/acme");
    const invalid = list.getByRole("link", { name: "junk.binary" });
    await expect(invalid).toContainText("Invalid");
    await expect(invalid).toHaveAttribute("href", "/plugins-manager?show=problems");
  });
});

test("figures that cannot be had: it says so, and a retry shows them", async ({ panel }) => {
  const problem = { type: "/problems/internal-error", title: "Internal error", status: 500, detail: "It broke." };
  await panel.route("**/api/resources", (route) =>
    route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await panel.goto("/");
  const server = panel.getByRole("region", { name: "Server" });
  await expect(server.getByRole("alert")).toContainText("It broke.");
  await panel.unroute("**/api/resources");
  const retry = server.getByRole("button", { name: "Try again" });
  // The panel may try again by itself meanwhile.
  await expect(async () => {
    if (await retry.isVisible()) await retry.click({ timeout: 1_000 });
    await expect(server.getByText("Disk", { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
});

test("without a plugin it says how to add one, and shows the server's own figures", async ({ panel }) => {
  await panel.goto("/");
  await expect(panel.getByText("No plugin yet")).toBeVisible();
  const server = panel.getByRole("region", { name: "Server" });
  for (const name of ["CPU", "Memory", "Disk"]) {
    await expect(server.getByRole("meter", { name })).toBeAttached();
    await expect(server.getByRole("img", { name: `${name}, the last ten minutes` })).toBeVisible();
  }
  await expect(server).toContainText(/[\d.]+ (MB |GB )?of [\d.]+ GB/);
  await expect(server).toContainText(/Running for\s*\d+s/);
  await expect(server).toContainText(/Memory of Toru\s*\d+ MB/);
});
