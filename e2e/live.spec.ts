import { expect, test } from "./support/test.ts";

test.use({
  hostOptions: { env: { TORU_BACKOFF_BASE_MS: "60000" }, prepare: (host) => host.install("v2", "acme") },
});

test("eight tabs over HTTP/1.1 share one live connection, and each shows a change", async ({
  host,
  context,
  panel,
}) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const tabs = [panel];
  while (tabs.length < 8) {
    const tab = await context.newPage();
    await tab.goto("/plugins-manager");
    tabs.push(tab);
  }
  for (const tab of tabs) {
    await expect(
      tab.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" }),
    ).toContainText("Running");
  }
  await host.kill("acme");
  for (const tab of tabs) {
    await expect(
      tab.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" }),
    ).toContainText("Crashed");
  }
});

test("while the host is away the panel says so; afterwards it shows what changed meanwhile", async ({
  host,
  panel,
}) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const link = panel.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
  await expect(link).toContainText("Running");
  await host.stop("SIGKILL");
  await expect(panel.getByText(/^Offline:/)).toBeVisible();
  await host.install("v2", "newcomer");
  await host.launch();
  await expect(panel.getByText(/^Offline:/)).toBeHidden({ timeout: 20_000 });
  await expect(
    panel.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Newcomer" }),
  ).toBeVisible();
});

test("a session that ended elsewhere leads to the sign-in, and back to the same page", async ({ host, panel }) => {
  await panel.goto("/plugins-manager");
  await expect(panel.getByRole("navigation").getByRole("list", { name: "Plugins" })).toBeVisible();
  await host.post("/api/auth/logout");
  await expect(panel).toHaveURL(/\/sign-in\?next=/, { timeout: 20_000 });
});
