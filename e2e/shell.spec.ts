import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

/** A plugin that crashed stays down until the test lets it go on. */
const LONG_BACKOFF = { TORU_BACKOFF_BASE_MS: "60000" };

test.use({
  hostOptions: {
    env: LONG_BACKOFF,
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v2", "beta", { metadata: { icon: "shield" } });
    },
  },
});

const plugins = (page: Page) => page.getByRole("navigation").getByRole("list", { name: "Plugins" });

test("Show enabled plugins: the sidebar has icon, name and state of each", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const acme = plugins(panel).getByRole("link", { name: "Acme" });
  await expect(acme).toContainText("🧪");
  await expect(acme).toContainText("Running");
  await expect(acme.locator("[data-condition=running]")).toBeVisible();
  const beta = plugins(panel).getByRole("link", { name: "Beta" });
  await expect(beta.locator("svg.lucide")).toBeVisible();
});

test("Hide disabled plugins: they leave the sidebar, and come back when they are enabled", async ({ host, panel }) => {
  await panel.goto("/");
  const link = plugins(panel).getByRole("link", { name: "Acme" });
  await expect(link).toBeVisible();
  await host.post("/api/plugins/acme/disable");
  await expect(link).toBeHidden();
  await host.post("/api/plugins/acme/enable");
  await expect(link).toBeVisible();
});

test("Show crashed plugin: a red sign, and a click shows error details and the way to the logs", async ({
  host,
  panel,
}) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const link = plugins(panel).getByRole("link", { name: "Acme" });
  await expect(link).toContainText("Running");
  await host.kill("acme");
  await expect(link).toContainText("Crashed");
  await expect(link.locator("[data-condition=crashed]")).toHaveCSS("color", /rgb\(187, 45, 54\)/);
  await link.click();
  await expect(panel).toHaveURL(/\/view\/acme/);
  await expect(panel.getByRole("main")).toContainText("SIGKILL");
  await expect(panel.getByRole("main").getByRole("link", { name: /logs/i })).toBeVisible();
});

test("the tab's title and icon tell that something is down, and that it is well again", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  await expect(panel).toHaveTitle(/^Toru$|· Toru$/);
  const icon = () => panel.locator('link[rel="icon"]').getAttribute("href");
  await expect.poll(icon).toContain("svg");
  const calm = await icon();
  await host.kill("acme");
  await expect(panel).toHaveTitle(/^\(1\) 1 plugin is down/);
  expect(await icon()).not.toBe(calm);
  await host.post("/api/plugins/acme/restart");
  await expect(panel).not.toHaveTitle(/down/);
  await expect.poll(icon).toBe(calm);
  for (const [path, title] of [
    ["/plugins-manager", "Plugin Manager · Toru"],
    ["/view/acme", "Acme · Toru"],
    ["/logs/acme", "Logs of Acme · Toru"],
  ] as const) {
    await panel.goto(path);
    await expect(panel).toHaveTitle(title);
  }
});

test("the sidebar collapses to icons, stays so, and still names its links", async ({ panel }) => {
  await panel.goto("/");
  await panel.getByRole("button", { name: "Collapse sidebar" }).click();
  await panel.reload();
  await expect(panel.getByRole("button", { name: "Expand sidebar" })).toBeVisible();
  const nav = panel.getByRole("complementary");
  await expect.poll(async () => (await nav.boundingBox())?.width).toBeLessThan(70);
  await expect(plugins(panel).getByRole("link", { name: "Acme" })).toBeVisible();
});

test("on a phone the sidebar is a drawer that a link, Escape or its button closes", async ({ panel }) => {
  await panel.setViewportSize({ width: 360, height: 740 });
  await panel.goto("/");
  const open = panel.getByRole("button", { name: "Open menu" });
  const drawer = panel.getByRole("dialog");
  await open.click();
  await expect(drawer.getByRole("link", { name: "Acme" })).toBeVisible();
  await panel.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
  await expect(open).toBeFocused();
  await open.click();
  await drawer.getByRole("link", { name: "Plugin Manager" }).click();
  await expect(panel).toHaveURL(/plugins-manager/);
  await expect(drawer).toBeHidden();
  await panel.goBack();
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible();
  await expect(drawer).toBeHidden();
  await open.click();
  await drawer.getByRole("link", { name: "Home" }).click();
  await expect(drawer).toBeHidden();
});

test("the menu of the account closes when it leads to its page", async ({ panel }) => {
  await panel.goto("/");
  const menu = panel.getByRole("button", { name: "Account and settings" });
  await menu.click();
  await expect(panel.getByText("admin · Admin")).toBeVisible();
  await panel.getByRole("link", { name: "Account" }).click();
  await expect(panel.getByRole("heading", { name: "Account" })).toBeVisible();
  await expect(panel.getByRole("button", { name: "Sign out" })).toBeHidden();
});

test("without the code of the icons there are letters in their place", async ({ host, panel }) => {
  await panel.route("**/assets/named-icon-*", (route) => route.abort());
  await host.reaches("beta", "running");
  await panel.goto("/");
  await expect(plugins(panel).getByRole("link", { name: "Beta" })).toContainText("B");
  await expect(plugins(panel).getByRole("link", { name: "Beta" }).getByText("B", { exact: true })).toBeVisible();
});

test("the theme follows the system until one is chosen, and the choice stays", async ({ panel }) => {
  const background = () =>
    panel.evaluate(() => {
      const host = document.getElementById("toru");
      return host && getComputedStyle(host).backgroundColor;
    });
  await panel.emulateMedia({ colorScheme: "light" });
  await panel.goto("/");
  const light = await background();
  await panel.emulateMedia({ colorScheme: "dark" });
  await expect.poll(background).not.toBe(light);
  await panel.getByRole("button", { name: "Account and settings" }).click();
  await panel.getByRole("combobox", { name: "Theme" }).selectOption("light");
  await expect.poll(background).toBe(light);
  await panel.reload();
  expect(await background()).toBe(light);
});

test("the language follows the browser until one is chosen", async ({ browser, host }) => {
  const context = await browser.newContext({ locale: "pl-PL", baseURL: host.url });
  const [name = "", value = ""] = host.cookie.split("=");
  await context.addCookies([{ name, value, url: host.url }]);
  const page = await context.newPage();
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Menedżer wtyczek" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "pl");
  await host.installText("broken.binary", "#!/bin/sh\nexit 3\n");
  await expect(page.getByText("--metadata zakończyło się kodem 3")).toBeVisible();
  await page.getByRole("button", { name: "Konto i ustawienia" }).click();
  await page.getByRole("combobox", { name: "Język" }).selectOption("en");
  await expect(page.getByRole("link", { name: "Plugin Manager" })).toBeVisible();
  await expect(page.getByText("--metadata exited with code 3")).toBeVisible();
  await context.close();
});

test("an address that does not exist says so and leads home", async ({ panel }) => {
  const response = await panel.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await expect(panel.getByText("There is no such page")).toBeVisible();
  await panel.getByRole("link", { name: "Go home" }).click();
  await expect(plugins(panel)).toBeVisible();
});
