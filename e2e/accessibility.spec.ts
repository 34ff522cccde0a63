import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";
import { isTooWide, violations } from "./support/violations.ts";

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

/** Path, and something that is on the page once it is complete. */
const PAGES: Record<string, [string, (page: Page) => Promise<void>][]> = {
  "home and plugins": [
    ["/", async (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible()],
    ["/welcome", async (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible()],
    ["/plugins-manager", async (page) => expect(page.getByRole("main")).toContainText("1.0.0")],
    ["/plugins-manager?plugin=acme", async (page) => expect(page.getByRole("dialog")).toContainText("1.0.0")],
    ["/plugins-manager?plugin=crashed", async (page) => expect(page.getByRole("dialog")).toContainText("SIGKILL")],
    ["/plugins-manager?plugin=acme&tab=logs", async (page) => expect(page.getByRole("log")).toBeVisible()],
    [
      "/plugins-manager?plugin=acme&tab=events",
      async (page) => expect(page.getByRole("dialog")).toContainText("Started"),
    ],
  ],
  "events, logs, views and account": [
    ["/events", async (page) => expect(page.getByRole("main")).toContainText("Started")],
    ["/logs/acme", async (page) => expect(page.getByRole("log")).toBeVisible()],
    ["/view/crashed", async (page) => expect(page.getByRole("main")).toContainText("SIGKILL")],
    ["/view/bare", async (page) => expect(page.getByRole("main")).toContainText("bundle.js")],
    ["/view/acme", async (page) => expect(page.getByText("A page of acme")).toBeVisible()],
    ["/account", async (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible()],
  ],
};

test.use({
  hostOptions: {
    env: { TORU_BACKOFF_BASE_MS: "600000" },
    prepare: async (host) => {
      const bundle = 'window.ToruPlugins={acme:{mount(c){c.textContent="A page of acme"},unmount(){}}}';
      await host.install("v2", "acme", { bundle });
      await host.install("v2", "bare");
      await host.install("v2", "crashed");
      await host.installText("broken.binary", "#!/bin/sh\necho no manifest\n");
    },
  },
});

async function visit(page: Page, path: string, isComplete: (page: Page) => Promise<void>): Promise<void> {
  await page.goto(path);
  await isComplete(page);
  expect([path, await violations(page)]).toEqual([path, []]);
  expect([path, await isTooWide(page)]).toEqual([path, false]);
}

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport, contextOptions: { reducedMotion: "reduce" } });

    for (const [name, pages] of Object.entries(PAGES)) {
      test(`axe finds no violation in light and dark, and nothing is too wide: ${name}`, async ({ host, panel }) => {
        await host.reaches("crashed", "running");
        await host.kill("crashed");
        await host.reaches("acme", "running");
        await host.fetch("/plugins/acme/stdout?lines=3");
        await host.fetch("/plugins/acme/log?level=error&message=broken&error=no%20such%20file");
        for (const [path, isComplete] of pages) await visit(panel, path, isComplete);
      });
    }

    test("axe finds no violation in light and dark, and nothing is too wide: palette and sign-in", async ({
      panel,
    }) => {
      await visit(panel, "/", async (page) => {
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.keyboard.press("Control+k");
        await expect(page.getByRole("dialog")).toBeVisible();
      });
      await panel.context().clearCookies();
      for (const path of ["/sign-in", "/setup", "/setup?token=wrong"]) {
        await visit(panel, path, (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible());
      }
    });
  });
}
