import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

const ROOT = join(import.meta.dirname, "..");

/** The probe of sdks/page, built by Vite with the preset into a folder of its own. */
async function buildProbe(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "toru-probe-page-"));
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const project = join(ROOT, "sdks/page/tests/probe-page");
  try {
    const args = [vite, "build", project, "--outDir", folder, "--logLevel", "warn"];
    await promisify(execFile)(process.execPath, args, { cwd: project, timeout: 50_000 });
    return await readFile(join(folder, "bundle.js"), "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.use({
  hostOptions: {
    prepare: async (host: PanelHost) => {
      await host.install("v2", "acme");
      await host.installBundle("acme", await buildProbe());
    },
  },
});

test.beforeEach(({ host }) => host.reaches("acme", "running"));

const shown = (panel: Page) => panel.getByRole("heading", { name: "Probe of admin" });
const button = (panel: Page, name: string) => panel.getByRole("button", { name, exact: true });
const pluginLink = (panel: Page) =>
  panel.getByRole("complementary").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
const home = (panel: Page) => panel.getByRole("link", { name: "Home", exact: true });

test("a page of React components shows, with its styles and pictures", async ({ panel }) => {
  const faults: string[] = [];
  panel.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await panel.goto("/view/acme");
  await expect(shown(panel)).toBeVisible();
  await expect(panel.locator(".acme-probe")).toHaveCSS("outline-color", "rgb(1, 2, 3)");
  await expect(panel.getByRole("img", { name: "A dot" })).toHaveJSProperty("naturalWidth", 4);
  expect(faults).toEqual([]);
});

test("usePluginFetch follows its path, keeps data beside an error, and asks again", async ({ panel }) => {
  await panel.goto("/view/acme");
  await expect(panel.getByText("Answer: /acme/one")).toBeVisible();
  await button(panel, "Ask for two").click();
  await expect(panel.getByText("Answer: /acme/two")).toBeVisible();
  await expect(panel.getByText("Loaded", { exact: true })).toBeVisible();
  const again = panel.waitForRequest(/\/plugins\/acme\/two$/);
  await button(panel, "Reload").click();
  await again;
  await button(panel, "Ask for an error").click();
  await expect(panel.getByText(/^Error: the plugin answered with an error/i)).toBeVisible();
  await button(panel, "Send").click();
  await expect(panel.getByText("Sent: POST")).toBeVisible();
});

test("useKv shows and changes a key of the plugin's store", async ({ host, panel }) => {
  await panel.goto("/view/acme");
  await expect(panel.getByText("Colour: none")).toBeVisible();
  await button(panel, "Blue").click();
  await expect(panel.getByText("Colour: blue")).toBeVisible();
  await expect.poll(async () => (await host.fetch("/plugins/acme/kv/get?key=colour")).text()).toContain("blue");
  await panel.reload();
  await expect(panel.getByText("Colour: blue")).toBeVisible();
  await button(panel, "No colour").click();
  await expect(panel.getByText("Colour: none")).toBeVisible();
});

test("useTheme and usePluginState follow the panel", async ({ host, panel }) => {
  await panel.emulateMedia({ colorScheme: "light" });
  await panel.goto("/view/acme");
  await expect(panel.getByText("Theme: light")).toBeVisible();
  await expect(panel.getByText("State: no change")).toBeVisible();
  await panel.emulateMedia({ colorScheme: "dark" });
  await expect(panel.getByText("Theme: dark")).toBeVisible();
  expect((await host.post("/api/plugins/acme/restart")).ok).toBe(true);
  await expect(panel.getByText("State: running healthy")).toBeVisible();
});

test("what the first render throws fails the mount; what a later one throws shows in a bar", async ({ panel }) => {
  await panel.goto("/");
  await panel.evaluate(() => sessionStorage.setItem("failAt", "first render"));
  await pluginLink(panel).click();
  const failure = panel.getByRole("alert").filter({ hasText: "The page of Acme failed" });
  await expect(failure).toContainText("Error: broken in the first render");
  await panel.evaluate(() => sessionStorage.removeItem("failAt"));
  await failure.getByRole("button", { name: "Try again" }).click();
  await expect(shown(panel)).toBeVisible();
  await button(panel, "Break").click();
  await expect(panel.getByText(/reported an error: .*broken in a later render/)).toBeVisible();
});

test("after 100 mounts nothing of the page is left: no style, no node, no listener", async ({ panel, context }) => {
  await panel.goto("/");
  const devtools = await context.newCDPSession(panel);
  await devtools.send("Performance.enable");
  const visit = async () => {
    await pluginLink(panel).click();
    await expect(panel.getByText("Answer: /acme/one")).toBeVisible();
    await home(panel).click();
    await expect(panel.locator(".acme-probe")).toHaveCount(0);
  };
  const measure = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    const sheets = await panel.evaluate(() => document.adoptedStyleSheets.length);
    return { sheets, nodes: of("Nodes"), listeners: of("JSEventListeners") };
  };
  for (let round = 0; round < 10; round += 1) await visit();
  const before = await measure();
  for (let round = 0; round < 100; round += 1) await visit();
  const after = await measure();
  expect(after.sheets).toBe(before.sheets);
  // One mount has 20 nodes and more than 10 listeners: a leak would be of thousands.
  expect(after.nodes - before.nodes).toBeLessThan(500);
  expect(after.listeners - before.listeners).toBeLessThan(250);
});
