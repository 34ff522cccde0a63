import type { Page } from "@playwright/test";
import { ADMIN_PASSWORD } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

test.use({ hostOptions: { hasAdmin: false, prepare: (host) => host.install("v2", "acme") } });

async function choosePassword(page: Page, password: string, repeated = password): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(repeated);
  await page.getByRole("button", { name: "Create the admin and sign in" }).click();
}

test("the link of the console creates the admin and leads to the first running plugin", async ({ host, page }) => {
  await page.goto(host.setupUrl);
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await choosePassword(page, ADMIN_PASSWORD);
  await expect(page.getByRole("heading", { name: "Toru is ready" })).toBeVisible();
  await expect(page).toHaveURL(/\/welcome$/);
  await page.getByRole("link", { name: "Open Acme" }).click();
  await expect(page).toHaveURL(/\/view\/acme/);
});

test("the link works exactly once; afterwards it leads to the sign-in", async ({ host, page, browser }) => {
  const link = host.setupUrl;
  await page.goto(link);
  const late = await (await browser.newContext()).newPage();
  await late.goto(link);
  await choosePassword(page, ADMIN_PASSWORD);
  await expect(page).toHaveURL(/\/welcome$/);

  await choosePassword(late, "a password of somebody else");
  await expect(late.getByRole("heading", { name: "The admin exists already" })).toBeVisible();
  await late.getByRole("link", { name: "Go to the sign-in" }).click();
  await late.getByLabel("User name").fill("admin");
  await late.getByLabel("Password", { exact: true }).fill(ADMIN_PASSWORD);
  await late.keyboard.press("Enter");
  await expect(late.getByRole("heading", { name: "Home" })).toBeVisible();
  await late.context().close();

  await page.goto(link);
  await expect(page.getByRole("heading", { name: "You are signed in already" })).toBeVisible();
});

test("a stranger without the link gets no window", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText("The console in which Toru runs shows a link", { exact: false })).toBeVisible();
  await page.goto("/setup");
  await expect(page.getByRole("heading", { name: "The link is in the console" })).toBeVisible();
  await expect(page.getByRole("textbox")).toHaveCount(0);
});

test("a guessed or outdated link says what to do next", async ({ host, page }) => {
  await page.goto("/setup?token=guessed");
  await choosePassword(page, ADMIN_PASSWORD);
  await expect(page.getByRole("heading", { name: "This link is no longer valid" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("restart Toru to get another");

  const outdated = host.setupUrl;
  await host.stop();
  await host.launch();
  await expect.poll(() => host.setupUrl).not.toBe("");
  expect(host.setupUrl).not.toBe(outdated);
  await page.goto(host.setupUrl);
  await choosePassword(page, ADMIN_PASSWORD);
  await expect(page).toHaveURL(/\/welcome$/);
});

test("the rules of a password are said before, and what is wrong beside the field", async ({ host, page }) => {
  await page.goto(host.setupUrl);
  const password = page.getByLabel("Password", { exact: true });
  await expect(password).toHaveAccessibleDescription(/At least 10 characters/);
  await choosePassword(page, "short");
  await expect(password).toHaveAccessibleDescription(/5 more characters are needed/);
  await expect(password).toBeFocused();
  await choosePassword(page, ADMIN_PASSWORD, "something else entirely");
  await expect(page.getByLabel("Password again")).toHaveAccessibleDescription("The two passwords are not the same.");
  await expect(page.getByLabel("Password again")).toBeFocused();
  // Whoever sees what was typed needs not repeat it.
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(page.getByLabel("Password again")).toHaveCount(0);
  await page.getByRole("button", { name: "Create the admin and sign in" }).click();
  await expect(page).toHaveURL(/\/welcome$/);
});

test.describe("without a plugin", () => {
  test.use({ hostOptions: { hasAdmin: false } });

  test("the welcome says how to add one, and goes on when it runs", async ({ host, page }) => {
    await page.goto(host.setupUrl);
    await choosePassword(page, ADMIN_PASSWORD);
    await expect(page.getByText("No plugin yet")).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to the home page" })).toBeVisible();
    await host.install("v2", "acme");
    await expect(page.getByRole("link", { name: "Open Acme" })).toBeVisible();
  });
});
