import type { Locator, Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { signInAsUser } from "./support/sign-in-as-user.ts";
import { expect, test } from "./support/test.ts";

const MANAGER = "/plugins-manager";

function row(panel: Page, name: string): Locator {
  return panel.getByRole("row").filter({ has: panel.getByText(name, { exact: true }) });
}

function toggle(panel: Page, name: string): Locator {
  return panel.getByRole("switch", { name: `${name} is enabled` });
}

function names(panel: Page): Promise<string[]> {
  return panel.getByRole("rowheader").locator("a, span.font-medium").allTextContents();
}

/** Three that run or may, one that is off, one that is no plugin. */
async function installSome(host: PanelHost): Promise<void> {
  await host.install("v2", "acme", {
    version: "2.3.4",
    metadata: {
      author: "Ada Lovelace",
      description: "Keeps the clocks right.",
      homepage: "https://example.org/clock",
      license: "MIT",
    },
  });
  await host.install("v2", "blog", { metadata: { homepage: "javascript:alert(document.domain)" } });
  await host.installText("broken.binary", "#!/bin/sh\necho this is no JSON\n");
}

test.describe("with plugins", () => {
  test.use({ hostOptions: { prepare: installSome } });

  test("List plugins: each has name, version, status and health, an invalid file its reason", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await panel.goto(MANAGER);
    const acme = row(panel, "Acme");
    await expect(acme).toContainText("2.3.4");
    await expect(acme).toContainText("Running");
    await expect(acme).toContainText("Healthy");
    await expect(acme).toContainText("🧪");
    await expect(acme.locator("[data-condition=running]")).toBeVisible();
    await expect(acme.getByRole("img", { name: /^Memory over ten minutes: now/ })).toBeVisible({ timeout: 20_000 });
    const broken = row(panel, "broken.binary");
    await expect(broken).toContainText("Invalid");
    await expect(broken).toContainText("JSON");
    await expect(broken).toContainText("Correct the file");
    await expect(broken.getByRole("switch")).toHaveCount(0);
  });

  test("Toggle plugin: its state changes, the page follows, a toast confirms", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto(MANAGER);
    await toggle(panel, "Acme").click();
    await expect(panel.getByText("Acme disabled", { exact: true })).toBeVisible();
    await expect(toggle(panel, "Acme")).not.toBeChecked();
    await host.reaches("acme", "disabled");
    await expect(row(panel, "Acme")).toContainText("Disabled");
    await expect(panel.getByRole("list", { name: "Plugins", exact: true }).getByText("Acme")).toHaveCount(0);
    await toggle(panel, "Acme").click();
    await expect(panel.getByText("Acme enabled", { exact: true })).toBeVisible();
    await host.reaches("acme", "running");
    await expect(row(panel, "Acme")).toContainText("Running");
  });

  test("View plugin logs: a panel beside the list shows them", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.fetch("/plugins/acme/log?level=warn&message=the+clock+is+late");
    await panel.goto(MANAGER);
    await panel.getByRole("link", { name: "View Logs of Acme" }).click();
    await expect(panel).toHaveURL(/plugin=acme&tab=logs/);
    const dialog = panel.getByRole("dialog", { name: "Acme" });
    await expect(dialog.getByRole("tab", { name: "Logs" })).toHaveAttribute("aria-selected", "true");
    await expect(dialog.getByText("the clock is late")).toBeVisible();
    await panel.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  });

  test("View plugin details: a click on a plugin shows author, description and version", async ({ host, panel }) => {
    const { pid } = await host.reaches("acme", "running");
    await panel.goto(MANAGER);
    await row(panel, "Acme").click();
    const dialog = panel.getByRole("dialog", { name: "Acme" });
    for (const text of ["Ada Lovelace", "Keeps the clocks right.", "2.3.4", "MIT", "Version 2", String(pid)])
      await expect(dialog.getByText(text, { exact: true })).toBeVisible();
    const homepage = dialog.getByRole("link", { name: "https://example.org/clock" });
    await expect(homepage).toHaveAttribute("rel", "noreferrer");
    await expect(homepage).toHaveAttribute("target", "_blank");
    await expect(dialog.getByText(`${host.pluginsDir}/acme.binary`)).toBeVisible();
    await dialog.getByRole("tab", { name: "Events" }).click();
    await expect(panel).toHaveURL(/tab=events/);
    await panel.goBack();
    await expect(dialog).toHaveCount(0);
    await expect(panel).toHaveURL(new RegExp(`${MANAGER}$`));
  });

  test("copying works without the browser's clipboard, as by plain http, and the focus stays", async ({ panel }) => {
    await panel.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await panel.goto(`${MANAGER}?plugin=acme`);
    const copy = panel.getByRole("button", { name: "Copy the id" });
    await copy.press("Enter");
    await expect(panel.getByText("Copied", { exact: true })).toBeVisible();
    await expect(copy).toBeFocused();
  });

  test("a homepage that is no address of the web is not a link", async ({ panel }) => {
    await panel.goto(`${MANAGER}?plugin=blog`);
    const dialog = panel.getByRole("dialog", { name: "Blog" });
    await expect(dialog.getByText("javascript:alert(document.domain)")).toBeVisible();
    await expect(panel.locator('a[href^="javascript:"]')).toHaveCount(0);
  });

  test("search, filter and order are in the address, and survive reload and back", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("blog", "running");
    await panel.goto(MANAGER);
    await expect.poll(() => names(panel)).toEqual(["Acme", "Blog", "broken.binary"]);
    await panel.getByRole("button", { name: "Name", exact: true }).click();
    await expect.poll(() => names(panel)).toEqual(["broken.binary", "Blog", "Acme"]);
    await expect(panel.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
    await panel.getByRole("button", { name: /^Running/ }).click();
    await expect.poll(() => names(panel)).toEqual(["Blog", "Acme"]);
    await panel.getByRole("searchbox").pressSequentially("acm");
    await expect.poll(() => names(panel)).toEqual(["Acme"]);
    await expect(panel).toHaveURL(/q=acm/);
    await panel.reload();
    await expect.poll(() => names(panel)).toEqual(["Acme"]);
    await expect(panel.getByRole("searchbox")).toHaveValue("acm");
    await panel.goBack();
    await expect.poll(() => names(panel)).toEqual(["broken.binary", "Blog", "Acme"]);
    await expect(panel.getByRole("searchbox")).toHaveValue("");
    await panel.goForward();
    await expect(panel.getByRole("searchbox")).toHaveValue("acm");
    await expect.poll(() => names(panel)).toEqual(["Acme"]);
    await panel.getByRole("searchbox").fill("404");
    await expect(panel).toHaveURL(/q=404/);
    await panel.reload();
    await expect(panel.getByRole("searchbox")).toHaveValue("404");
    await expect(panel.getByText("No plugin matches")).toBeVisible();
    await panel.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => names(panel)).toHaveLength(3);
    await expect(panel.getByRole("searchbox")).toHaveValue("");
  });

  test("20 rapid clicks end where the server ends, with one toast", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto(MANAGER);
    const posts: string[] = [];
    let open = 0;
    let mostAtOnce = 0;
    const isPost = (url: string, method: string) => method === "POST" && url.includes("/api/plugins/acme/");
    panel.on("request", (request) => {
      if (!isPost(request.url(), request.method())) return;
      posts.push(request.url());
      mostAtOnce = Math.max(mostAtOnce, ++open);
    });
    panel.on("requestfinished", (request) => {
      if (isPost(request.url(), request.method())) open -= 1;
    });
    // 21 turns: the last one is "off".
    await toggle(panel, "Acme").evaluate(async (button: HTMLElement) => {
      for (let click = 0; click < 21; click++) {
        button.click();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await expect(toggle(panel, "Acme")).not.toBeChecked();
    // On a slow machine the host agrees to an earlier click while others still follow.
    await expect.poll(() => posts.at(-1)).toContain("/disable");
    await host.reaches("acme", "disabled");
    await expect(panel.getByText("Acme disabled", { exact: true })).toHaveCount(1);
    await expect(panel.getByText("Acme enabled", { exact: true })).toHaveCount(0);
    expect((await host.plugin("acme")).enabled).toBe(false);
    await expect(toggle(panel, "Acme")).not.toBeChecked();
    expect(mostAtOnce).toBe(1);
    expect(posts.length).toBeLessThanOrEqual(21);
  });

  test("updates that arrive while the host thinks do not move the switch", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto(MANAGER);
    let answer = () => {};
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
    await panel.route("**/api/plugins/acme/disable", async (route) => {
      await mayAnswer;
      await route.continue();
    });
    const { pid } = await host.plugin("acme");
    await toggle(panel, "Acme").click();
    await expect(toggle(panel, "Acme")).not.toBeChecked();
    const turned = toggle(panel, "Acme").evaluateHandle((button) => {
      const seen: (string | null)[] = [];
      new MutationObserver(() => seen.push(button.getAttribute("aria-checked"))).observe(button, { attributes: true });
      return seen;
    });
    await host.post("/api/plugins/acme/restart");
    await expect.poll(async () => (await host.plugin("acme")).pid).not.toBe(pid);
    await host.reaches("acme", "running");
    await expect(row(panel, "Acme").getByRole("cell").nth(2)).toHaveText("1");
    answer();
    await expect(panel.getByText("Acme disabled", { exact: true })).toBeVisible();
    expect(await (await turned).jsonValue()).not.toContain("true");
  });

  test("the keyboard alone reaches a plugin, opens it, and is back on it afterwards", async ({ panel }) => {
    await panel.goto(MANAGER);
    const link = row(panel, "Acme").getByRole("link", { name: "Acme", exact: true });
    await panel.getByRole("searchbox").focus();
    await expect(async () => {
      await panel.keyboard.press("Tab");
      expect(await link.evaluate((element) => element.matches(":focus"))).toBe(true);
    }).toPass({ intervals: [0] });
    await panel.keyboard.press("Enter");
    const dialog = panel.getByRole("dialog", { name: "Acme" });
    await expect(dialog).toBeVisible();
    const tab = (name: string) => dialog.getByRole("tab", { name });
    await tab("Details").focus();
    await panel.keyboard.press("ArrowRight");
    await expect(tab("Logs")).toBeFocused();
    await expect(tab("Logs")).toHaveAttribute("aria-selected", "true");
    await panel.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(link).toBeFocused();
    await expect(panel).toHaveURL(new RegExp(`${MANAGER}$`));
  });

  test("on a phone there are cards, and nothing scrolls sideways", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.setViewportSize({ width: 360, height: 740 });
    await panel.goto(MANAGER);
    const cards = panel.getByRole("list", { name: "Plugin Manager" }).getByRole("listitem");
    await expect(cards).toHaveCount(3);
    const overflow = () => panel.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await panel.getByRole("combobox", { name: "Sort by" }).selectOption("state");
    await expect(cards.first()).toContainText("broken.binary");
    await cards.filter({ hasText: "Acme" }).click();
    const dialog = panel.getByRole("dialog", { name: "Acme" });
    await expect(dialog.getByText("Ada Lovelace")).toBeVisible();
    const inner = dialog.getByRole("tabpanel");
    expect(await inner.evaluate((body) => body.scrollWidth - body.clientWidth)).toBe(0);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  test("a user who is no admin sees the plugins and manages none", async ({ host, page, context }) => {
    await host.reaches("acme", "running");
    await signInAsUser(host, context);
    await page.goto(MANAGER);
    await expect(row(page, "Acme")).toContainText("Running");
    await expect(page.getByRole("switch")).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^Restart / })).toHaveCount(0);
    await expect(page.getByRole("link", { name: /^View Logs/ })).toHaveCount(0);
    await page.getByRole("link", { name: "Acme", exact: true }).last().click();
    const dialog = page.getByRole("dialog", { name: "Acme" });
    await expect(dialog.getByText("Ada Lovelace")).toBeVisible();
    await expect(dialog.getByRole("tab")).toHaveCount(0);
    await expect(dialog.getByText(host.pluginsDir)).toHaveCount(0);
  });
});

test("what the host refuses is taken back, with its reason", async ({ host, panel }) => {
  await host.install("v2", "acme");
  await host.reaches("acme", "running");
  await host.post("/api/plugins/acme/disable");
  await host.reaches("acme", "disabled");
  await host.install("v2", "zebra", { route: "/acme" });
  await host.reaches("zebra", "running");
  await panel.goto(MANAGER);
  let answer = () => {};
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  await panel.route("**/api/plugins/acme/enable", async (route) => {
    await mayAnswer;
    await route.continue();
  });
  await toggle(panel, "Acme").click();
  await expect(toggle(panel, "Acme")).toBeChecked();
  await expect(row(panel, "Acme")).toContainText("Starting");
  answer();
  await expect(panel.getByText("Acme stays as it was")).toBeVisible();
  await expect(panel.getByText(/route.*zebra/i)).toBeVisible();
  await expect(toggle(panel, "Acme")).not.toBeChecked();
  await expect(row(panel, "Acme")).toContainText("Disabled");
});

test("an empty folder says how to add a plugin, and the plugin appears by itself", async ({ host, panel }) => {
  await panel.goto(MANAGER);
  await expect(panel.getByText("No plugin is installed")).toBeVisible();
  await expect(panel.getByText(/chmod \+x/)).toBeVisible();
  await host.install("v2", "acme");
  await expect(row(panel, "Acme")).toContainText("Running", { timeout: 20_000 });
});
