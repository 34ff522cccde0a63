import type { Page } from "@playwright/test";
import { ADMIN_PASSWORD } from "./support/panel-host.ts";
import { expect, signIn, test } from "./support/test.ts";

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
  await expect(panel.getByText("Your session has ended.")).toBeVisible();
});

const sidebarLink = (page: Page) =>
  page.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });

test("a tab that was frozen shows what the others have heard meanwhile", async ({ host, context, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  await expect(sidebarLink(panel)).toContainText("Running");
  const other = await context.newPage();
  await other.goto("/");
  await expect(sidebarLink(other)).toContainText("Running");
  const session = await context.newCDPSession(panel);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await host.kill("acme");
  await expect(sidebarLink(other)).toContainText("Crashed");
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await expect(sidebarLink(panel)).toContainText("Crashed");
});

test("somebody else who signs in takes over all tabs", async ({ host, context, panel }) => {
  await panel.goto("/account");
  await expect(panel.getByText("Signed in as admin")).toBeVisible();
  const eva = { username: "eva", password: ADMIN_PASSWORD };
  await host.post("/api/users", { ...eva, role: "admin" });
  // As from another browser: a sign-in over the admin's session would end that, and the tab would see it before the new cookie.
  host.cookie = "";
  const response = await host.post("/api/auth/login", eva);
  host.cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  await signIn(context, host);
  const other = await context.newPage();
  await other.goto("/account");
  await expect(other.getByText("Signed in as eva")).toBeVisible();
  await expect(panel.getByText("Signed in as eva")).toBeVisible();
});
