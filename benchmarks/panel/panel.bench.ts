import { gzipSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { expect, signIn, test } from "../../e2e/support/test.ts";
import type { PanelHost } from "../../e2e/support/panel-host.ts";

const ROUNDS = 15;
const PLUGINS = 10;
const NAMES = Array.from({ length: PLUGINS }, (_, index) => `plugin-${index}`);

test.use({
  hostOptions: {
    env: { TORU_BACKOFF_BASE_MS: "600000" },
    prepare: async (host) => {
      for (const name of NAMES) await host.install("v2", name);
    },
  },
});

test("the panel's figures", async ({ browser, host }) => {
  for (const name of NAMES) await host.reaches(name, "running");
  const figures: Record<string, number[]> = {};
  const note = (name: string, milliseconds: number) => (figures[name] ??= []).push(milliseconds);
  for (let round = 0; round < ROUNDS; round++) {
    await measureStart(browser, host, note);
    await measureChanges(browser, host, note);
  }
  console.log(table(figures));
  console.log(await measureScripts(browser, host));
});

type Note = (name: string, milliseconds: number) => void;

/** An empty document of the same host first: what the browser and the network take by themselves. */
async function measureStart(browser: Browser, host: PanelHost, note: Note): Promise<void> {
  const context = await browser.newContext({ baseURL: host.url });
  await signIn(context, host);
  const page = await context.newPage();
  note("start: `/healthz` in the browser", await loadTime(page, "/healthz", "body"));
  note("start: first visit, to the sidebar with its plugins", await loadTime(page, "/", SIDEBAR_LINK));
  note("start: first visit, first paint", await firstPaint(page));
  note("start: later visit, to the sidebar with its plugins", await loadTime(page, "/", SIDEBAR_LINK));
  note("start: later visit, first paint", await firstPaint(page));
  await context.close();
}

const SIDEBAR_LINK = 'aside a[href="/view/plugin-0"]';

async function loadTime(page: Page, path: string, selector: string): Promise<number> {
  const start = performance.now();
  await page.goto(path, { waitUntil: "commit" });
  await page.locator(selector).first().waitFor({ state: "visible" });
  return performance.now() - start;
}

/** By the browser's own clock, from the start of the navigation. */
async function firstPaint(page: Page): Promise<number> {
  const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  return (await paint.jsonValue()) ?? Number.NaN;
}

/** Gzipped, in KB: all scripts that home has loaded. */
async function measureScripts(browser: Browser, host: PanelHost): Promise<string> {
  const context = await browser.newContext({ baseURL: host.url });
  await signIn(context, host);
  const page = await context.newPage();
  const scripts: Promise<number>[] = [];
  page.on("response", (response) => {
    const isScript = response.headers()["content-type"]?.includes("javascript") ?? false;
    if (isScript) scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Latest events" })).toBeVisible();
  const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
  await context.close();
  return `JavaScript of the first page: ${(bytes / 1024).toFixed(0)} KB gzipped, in ${scripts.length} files`;
}

async function measureChanges(browser: Browser, host: PanelHost, note: Note): Promise<void> {
  const context = await browser.newContext({ baseURL: host.url });
  await signIn(context, host);
  const page = await context.newPage();
  await page.goto("/view/plugin-1");
  const link = page
    .getByRole("navigation")
    .getByRole("list", { name: "Plugins" })
    .getByRole("link", { name: "Plugin-1" });
  await expect(link).toContainText("Running");

  let start = performance.now();
  await host.kill("plugin-1");
  const [red, card] = await Promise.all([
    link
      .locator("[data-condition=crashed]")
      .waitFor()
      .then(() => performance.now() - start),
    page
      .getByRole("main")
      .getByText("SIGKILL")
      .first()
      .waitFor()
      .then(() => performance.now() - start),
  ]);
  note("kill -9 to the red sign", red);
  note("kill -9 to the crash card", card);

  start = performance.now();
  await host.post("/api/plugins/plugin-1/disable");
  await link.waitFor({ state: "detached" });
  note("disabled by the API to its link gone", performance.now() - start);
  await host.post("/api/plugins/plugin-1/enable");
  await host.reaches("plugin-1", "running");
  await context.close();
}

function table(figures: Record<string, number[]>): string {
  const rows = Object.entries(figures).map(([name, values]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
    return `| ${name} | ${at(0)} | ${at(0.5)} | ${at(1)} |`;
  });
  return ["", "| milliseconds | least | median | most |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
