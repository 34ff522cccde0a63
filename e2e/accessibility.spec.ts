import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, test } from "./support/test.ts";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };
const THEMES = ["light", "dark"] as const;

/** Path, and something that is on the page once it is complete. */
const PAGES: [string, (page: Page) => Promise<void>][] = [
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
  ["/events", async (page) => expect(page.getByRole("main")).toContainText("Started")],
  ["/logs/acme", async (page) => expect(page.getByRole("log")).toBeVisible()],
  ["/view/crashed", async (page) => expect(page.getByRole("main")).toContainText("SIGKILL")],
  ["/view/bare", async (page) => expect(page.getByRole("main")).toContainText("bundle.js")],
  ["/view/acme", async (page) => expect(page.getByText("A page of acme")).toBeVisible()],
  ["/account", async (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible()],
];

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

/** Element, rule and what axe says: enough to find and mend it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of THEMES) {
    test(`axe finds no violation on any page, ${colorScheme}, ${size}`, async ({ host, panel }) => {
      await host.reaches("crashed", "running");
      await host.kill("crashed");
      await host.reaches("acme", "running");
      await host.fetch("/plugins/acme/stdout?lines=3");
      await host.fetch("/plugins/acme/log?level=error&message=broken&error=no%20such%20file");
      await panel.setViewportSize(viewport);
      await panel.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [path, isComplete] of PAGES) {
        await panel.goto(path);
        await isComplete(panel);
        expect([path, await violations(panel)]).toEqual([path, []]);
        const isTooWide = await panel.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth > clientWidth;
        });
        expect([path, isTooWide]).toEqual([path, false]);
      }
      await panel.goto("/");
      await expect(panel.getByRole("heading", { level: 1 })).toBeVisible();
      await panel.keyboard.press("Control+k");
      await expect(panel.getByRole("dialog")).toBeVisible();
      expect(["palette", await violations(panel)]).toEqual(["palette", []]);
      await panel.context().clearCookies();
      for (const path of ["/sign-in", "/setup", "/setup?token=wrong"]) {
        await panel.goto(path);
        await expect(panel.getByRole("heading", { level: 1 })).toBeVisible();
        expect([path, await violations(panel)]).toEqual([path, []]);
      }
    });
  }
}
