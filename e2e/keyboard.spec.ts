import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

test.use({ hostOptions: { prepare: (host) => host.install("v2", "acme") } });

/** Presses Tab until what has the focus fits; every stop on the way must be visible. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const visited: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const { width = 0, height = 0 } = element?.getBoundingClientRect() ?? {};
      const label = element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
      return { label, isVisible: width > 0 && height > 0 };
    });
    visited.push(focused.label);
    expect([visited, focused.isVisible]).toEqual([visited, true]);
    if (name.test(focused.label)) return;
  }
  throw new Error(`Tab does not reach ${name}; it went by: ${visited.join(" | ")}`);
}

test("the keyboard alone disables and enables a plugin; the toast is announced, also from within a dialog", async ({
  host,
  panel,
}) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible();
  await tabTo(panel, /^Plugin Manager$/);
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: "Plugin Manager" })).toBeVisible();
  await tabTo(panel, /^Acme$/);
  await panel.keyboard.press("Enter");
  const dialog = panel.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await tabTo(panel, /(en|dis)able.*acme|acme.*enabled/i);
  await panel.keyboard.press("Space");
  // What lies outside a modal dialog is inert: no screen reader would hear it.
  const announced = dialog.locator("[aria-live=polite]");
  await expect(announced).toContainText("Acme");
  await expect.poll(async () => (await host.plugin("acme")).enabled).toBe(false);
  await panel.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(panel.locator("[aria-live=polite]")).toContainText("Acme");
});

test("the skip button leads past the sidebar", async ({ panel }) => {
  await panel.goto("/plugins-manager");
  await expect(panel.getByRole("heading", { name: "Plugin Manager" })).toBeVisible();
  await panel.keyboard.press("Tab");
  const skip = panel.getByRole("button", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("main")).toBeFocused();
  await panel.keyboard.press("Tab");
  await expect(panel.getByRole("main").locator(":focus")).toHaveCount(1);
});
