import { expect, test } from "./support/test.ts";

test.use({
  hostOptions: {
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v2", "beta");
    },
  },
});

test.beforeEach(async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible();
});

test("the palette reaches a plugin by keyboard alone", async ({ panel }) => {
  await panel.keyboard.press("Control+k");
  await expect(panel.getByRole("combobox", { name: "Command palette" })).toBeFocused();
  await panel.keyboard.type("beta");
  await expect(panel.getByRole("option", { selected: true })).toContainText("Open Beta");
  await panel.keyboard.press("ArrowDown");
  await expect(panel.getByRole("option", { selected: true })).not.toContainText("Open Beta");
  await panel.keyboard.press("ArrowUp");
  await panel.keyboard.press("Enter");
  await expect(panel).toHaveURL(/\/view\/beta/);
  await expect(panel.getByRole("dialog")).toHaveCount(0);
});

test("the palette runs an action by keyboard alone", async ({ host, panel }) => {
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("disable acme");
  await expect(panel.getByRole("option", { selected: true })).toContainText("Disable Acme");
  await panel.keyboard.press("Enter");
  await host.reaches("acme", "disabled");
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("enable acme");
  await expect(panel.getByRole("option", { selected: true })).toContainText("Enable Acme");
  await panel.keyboard.press("Enter");
  await host.reaches("acme", "running");
});

test("what is typed before the palette's code has come is not lost, Enter included", async ({ panel }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await panel.route(/command-palette-[^/]*\.js$/, async (route) => {
    await released;
    await route.continue();
  });
  await panel.reload();
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible();
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("open beta");
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("dialog")).toHaveCount(0);
  release();
  await expect(panel).toHaveURL(/\/view\/beta/);
  await expect(panel.getByRole("dialog")).toHaveCount(0);
});

test("the palette scrolls to what is chosen, and says where nothing matches", async ({ panel }) => {
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("a");
  const options = panel.getByRole("option");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await panel.keyboard.press("ArrowUp");
  await expect(options.last()).toHaveAttribute("aria-selected", "true");
  await expect(options.last()).toBeInViewport();
  await panel.keyboard.type("zzzz");
  await expect(panel.getByText("Nothing matches “azzzz”.")).toBeVisible();
  await expect(options).toHaveCount(0);
});

test("Escape closes the palette and gives the focus back", async ({ panel }) => {
  const search = panel.getByRole("button", { name: /^Search/ });
  await search.focus();
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("combobox", { name: "Command palette" })).toBeFocused();
  await panel.keyboard.press("Escape");
  await expect(panel.getByRole("dialog")).toHaveCount(0);
  await expect(search).toBeFocused();
});

test("the palette sets theme and language, and signs out", async ({ panel }) => {
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("dark");
  await panel.keyboard.press("Enter");
  await expect.poll(() => panel.evaluate(() => document.documentElement.style.colorScheme)).toBe("dark");
  await panel.keyboard.press("Control+k");
  await panel.keyboard.type("polski");
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: "Start" })).toBeVisible();
  await panel.keyboard.press("Control+k");
  // Without the marks of Polish: "Wyłącz Acme".
  await panel.keyboard.type("wylacz acme");
  await expect(panel.getByRole("option", { selected: true })).toContainText("Wyłącz Acme");
  for (let count = 0; count < 20; count += 1) await panel.keyboard.press("Backspace");
  await panel.keyboard.type("wyloguj");
  await panel.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: "Logowanie" })).toBeVisible();
});

test("shortcuts lead to pages, and can be turned off", async ({ panel }) => {
  await panel.keyboard.press("g");
  await panel.keyboard.press("p");
  await expect(panel).toHaveURL(/\/plugins-manager/);
  await panel.keyboard.press("g");
  await panel.keyboard.press("e");
  await expect(panel).toHaveURL(/\/events/);
  await panel.keyboard.press("g");
  await panel.keyboard.press("h");
  await expect(panel).toHaveURL(/:\d+\/$/);
  await panel.keyboard.press("[");
  await expect(panel.getByRole("button", { name: "Expand sidebar" })).toBeVisible();
  await panel.keyboard.press("?");
  const list = panel.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(list).toContainText("Go to the Plugin Manager");
  await panel.keyboard.press("Escape");

  await panel.goto("/account");
  // Not while typing in a field.
  await panel.getByLabel("Current password").fill("");
  await panel.getByLabel("Current password").press("?");
  await expect(panel.getByLabel("Current password")).toHaveValue("?");
  await expect(list).toHaveCount(0);

  await panel.getByRole("switch", { name: "Keyboard shortcuts" }).click();
  await expect(panel.getByRole("switch", { name: "Keyboard shortcuts" })).not.toBeChecked();
  await panel.keyboard.press("?");
  await panel.keyboard.press("g");
  await panel.keyboard.press("h");
  await panel.keyboard.press("Control+k");
  await expect(panel.getByRole("dialog", { name: "Command palette" })).toBeVisible();
  await expect(list).toHaveCount(0);
  await expect(panel).toHaveURL(/\/account$/);
});

test("a slash leads to the page's search", async ({ panel }) => {
  await panel.goto("/plugins-manager");
  const search = panel.getByRole("main").getByRole("searchbox");
  await expect(search).toBeVisible();
  await panel.keyboard.press("/");
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("");
});
