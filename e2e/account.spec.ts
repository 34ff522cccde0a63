import type { CreatedToken } from "@toru/http-api";
import type { Page } from "@playwright/test";
import { ADMIN_PASSWORD, type PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

const USER_PASSWORD = "a password for somebody";

async function signInAs(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password", { exact: true }).press("Enter");
}

function statusWith(host: PanelHost, path: string, token: string, method = "GET"): Promise<number> {
  return fetch(host.url + path, { method, headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
}

/** From nowhere, so that it ends no session. */
async function loginStatus(host: PanelHost, username: string, password: string): Promise<number> {
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const response = await fetch(`${host.url}/api/auth/login`, { ...init, body: JSON.stringify({ username, password }) });
  return response.status;
}

test("sign in and out", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByLabel("User name")).toBeFocused();
  await signInAs(page, "admin", ADMIN_PASSWORD);
  await expect(page.getByRole("heading", { name: "Home" })).toBeVisible();
  await page.goto("/sign-in");
  await expect(page.getByRole("heading", { name: "Home" })).toBeVisible();
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/plugins-manager");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("a wrong password is said, and the next try works", async ({ page }) => {
  await page.goto("/sign-in");
  await signInAs(page, "admin", "not the password");
  await expect(page.getByRole("alert")).toHaveText("The user name or the password is wrong.");
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await page.keyboard.type(ADMIN_PASSWORD);
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue(ADMIN_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Home" })).toBeVisible();
});

test("too many wrong passwords: it says when to try again", async ({ host, page }) => {
  await expect.poll(() => loginStatus(host, "admin", "not the password"), { intervals: [0] }).toBe(429);
  await page.goto("/sign-in");
  await signInAs(page, "admin", ADMIN_PASSWORD);
  await expect(page.getByRole("alert")).toHaveText(/^Too many failed attempts\. Try again in 1\d minutes\.$/);
});

test("the sign-in leads back to where one wanted to go", async ({ page }) => {
  await page.goto("/account");
  await signInAs(page, "admin", ADMIN_PASSWORD);
  await expect(page.getByRole("heading", { name: "Account" })).toBeVisible();
});

test("the sign-in never leads to another site", async ({ host, context, page }) => {
  for (const next of ["https://example.com/", "//example.com/", "/\\\\example.com", "/\t/example.com"]) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signInAs(page, "admin", ADMIN_PASSWORD);
    await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
    expect(page.url()).toBe(`${host.url}/`);
    await context.clearCookies();
  }
});

test("the sign-in is there in Polish", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "Polski" });
  await expect(page.getByRole("button", { name: "Zaloguj się" })).toBeVisible();
});

test("a changed password: the old one is refused, other browsers are signed out", async ({ host, panel, browser }) => {
  await panel.goto("/account");
  const section = panel.getByRole("region", { name: "Password" });
  const current = section.getByLabel("Current password");
  await current.fill("not the password");
  await section.getByLabel("New password").fill("another password");
  await section.getByLabel("Password again").fill("another password");
  await section.getByRole("button", { name: "Change password" }).click();
  await expect(current).toHaveAccessibleDescription("This is not your current password.");
  await current.fill(ADMIN_PASSWORD);
  await section.getByRole("button", { name: "Change password" }).click();
  await expect(panel.getByText("Password changed.", { exact: false })).toBeVisible();
  // The caller of the fixtures is the same session, which the browser has left for a new one.
  expect((await host.fetch("/api/auth/me")).status).toBe(401);
  await panel.reload();
  await expect(panel.getByRole("heading", { name: "Account" })).toBeVisible();

  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(`${host.url}/sign-in`);
  await signInAs(other, "admin", ADMIN_PASSWORD);
  await expect(other.getByRole("alert")).toHaveText("The user name or the password is wrong.");
  await signInAs(other, "admin", "another password");
  await expect(other.getByRole("heading", { name: "Home" })).toBeVisible();
  await context.close();
});

test("an API token is shown once, works, and is refused after it was revoked", async ({ host, panel }) => {
  await panel.goto("/account");
  await expect(panel.getByText("You have no API token.")).toBeVisible();
  await panel.getByRole("button", { name: "New token" }).click();
  const dialog = panel.getByRole("dialog");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("backup script");
  await dialog.getByLabel("May do").selectOption("read");
  await dialog.getByLabel("Valid for").selectOption({ label: "No end" });
  const [answer] = await Promise.all([
    panel.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/tokens")),
    dialog.getByRole("button", { name: "Create token" }).click(),
  ]);
  const { token } = (await answer.json()) as CreatedToken;
  const shown = dialog.getByLabel("Token backup script");
  await expect(shown).toHaveValue(token);
  await expect(dialog.getByRole("alert")).toContainText("only this once");
  await panel.mouse.click(5, 5);
  await expect(shown).toHaveValue(token);
  expect(await statusWith(host, "/api/plugins", token)).toBe(200);
  expect(await statusWith(host, "/api/plugins/acme/restart", token, "POST")).toBe(403);

  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expect(panel.getByRole("button", { name: "New token" })).toBeFocused();
  await panel.reload();
  const row = panel.getByRole("list", { name: "API tokens" }).getByRole("listitem");
  await expect(row).toContainText("backup script");
  await expect(row).toContainText("read");
  await expect(row).toContainText("Has no end");
  await expect(row).toContainText("Last used");
  await expect(panel.getByText(token)).toHaveCount(0);

  await row.getByRole("button", { name: "Revoke the token backup script" }).click();
  await panel.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(panel.getByText("You have no API token.")).toBeVisible();
  expect(await statusWith(host, "/api/plugins", token)).toBe(401);
});

test("admins add and remove users", async ({ host, panel }) => {
  await panel.goto("/account");
  await panel.getByRole("button", { name: "Add user" }).click();
  const dialog = panel.getByRole("dialog");
  await dialog.getByLabel("User name").fill("admin");
  await dialog.getByLabel("Password", { exact: true }).fill(USER_PASSWORD);
  await dialog.getByLabel("Password again").fill(USER_PASSWORD);
  await dialog.getByRole("button", { name: "Add user" }).click();
  await expect(dialog.getByLabel("User name")).toHaveAccessibleDescription(/This name is taken/);
  await dialog.getByLabel("User name").fill("vera");
  await dialog.getByRole("button", { name: "Add user" }).click();
  const list = panel.getByRole("list", { name: "Users" });
  await expect(list.getByRole("listitem").filter({ hasText: "vera" })).toContainText("User");
  await expect(list.getByRole("button", { name: "Remove the user admin" })).toHaveCount(0);
  expect(await loginStatus(host, "vera", USER_PASSWORD)).toBe(200);

  await list.getByRole("button", { name: "Remove the user vera" }).click();
  await panel.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(1);
  expect(await loginStatus(host, "vera", USER_PASSWORD)).toBe(401);
});

test.describe("a user", () => {
  test.use({ hostOptions: { prepare: (host) => host.install("v2", "acme") } });

  test("sees the plugins and no management", async ({ host, page }) => {
    await host.reaches("acme", "running");
    const created = await host.post("/api/users", { username: "vera", password: USER_PASSWORD, role: "user" });
    expect(created.status).toBe(201);
    await page.goto("/");
    await signInAs(page, "vera", USER_PASSWORD);
    await expect(page.getByRole("list", { name: "Plugins" }).first()).toContainText("Acme");
    await expect(page.getByText("The plugin is running")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Latest events" })).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Events" })).toHaveCount(0);

    await page.keyboard.press("Control+k");
    await page.keyboard.type("acme");
    await expect(page.getByRole("option", { name: "Open Acme" })).toBeVisible();
    await expect(page.getByRole("option", { name: /Disable|Restart|Logs|Events/ })).toHaveCount(0);
    await page.keyboard.press("Escape");

    await page.goto("/account");
    await expect(page.getByRole("heading", { name: "API tokens" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Users" })).toHaveCount(0);
  });
});

test("what is preferred is remembered", async ({ panel }) => {
  await panel.goto("/account");
  await panel.getByRole("combobox", { name: "Times" }).selectOption("utc");
  await panel
    .getByRole("region", { name: "Preferences" })
    .getByRole("combobox", { name: "Theme" })
    .selectOption("dark");
  await panel.reload();
  await expect(panel.getByRole("combobox", { name: "Times" })).toHaveValue("utc");
  await expect.poll(() => panel.evaluate(() => document.documentElement.style.colorScheme)).toBe("dark");
});
