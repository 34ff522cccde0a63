import { execFile } from "node:child_process";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";
import { isTooWide, violations } from "./support/violations.ts";

/** Something that is on the page of the example once it is complete. */
const EXAMPLES: Record<string, (page: Page) => Promise<void>> = {
  "disk-usage": (page) => expect(page.getByText(/% used, .* free of/).first()).toBeVisible(),
  "system-monitor": async (page) => {
    await expect(page.getByRole("heading", { name: "Memory", exact: true })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Processes", exact: true })).toBeVisible();
    await expect(page.getByText("CPU 0", { exact: true })).toBeVisible();
  },
  certificates: (page) => expect(page.getByRole("button", { name: "Watch" })).toBeVisible(),
  webhooks: (page) => expect(page.getByText("There is no source yet.")).toBeVisible(),
};

/** The path of its executable. Where there is no cargo, an example in Rust is skipped; CI has cargo. */
async function build(name: string): Promise<string> {
  const script = join(import.meta.dirname, "../scripts/examples.mjs");
  const result = await promisify(execFile)(process.execPath, [script, name]).catch(
    (error: { stdout: string }) => error,
  );
  test.skip(result.stdout.includes("There is no cargo") && process.env["CI"] === undefined, "There is no cargo here");
  if (result instanceof Error) throw new Error(`${name} could not be built:\n${result.stdout}`);
  return result.stdout.trim();
}

async function install(name: string, host: PanelHost): Promise<void> {
  const target = join(host.pluginsDir, `${name}.binary`);
  await copyFile(await build(name), target);
  await chmod(target, 0o755);
  await host.reaches(name, "running");
}

test.describe.configure({ timeout: 300_000 }); // a first build of Rust takes minutes on a busy machine

for (const [name, isComplete] of Object.entries(EXAMPLES)) {
  test(`the example ${name} is at home in the panel: phone and desktop, light and dark`, async ({ host, panel }) => {
    await install(name, host);
    const failures: string[] = [];
    panel.on("pageerror", (error) => failures.push(error.message));
    for (const width of [360, 1280]) {
      await panel.setViewportSize({ width, height: 800 });
      await panel.goto(`/view/${name}`);
      await isComplete(panel);
      expect([width, await isTooWide(panel), await violations(panel)]).toEqual([width, false, []]);
    }
    expect(failures).toEqual([]);
  });
}

test("the system monitor is live while somebody sees it, and says when it is not", async ({ host, panel }) => {
  await install("system-monitor", host);
  const followed: string[] = [];
  panel.on("request", (request) => followed.push(new URL(request.url()).pathname + new URL(request.url()).search));
  const streams = () => followed.filter((path) => path.startsWith("/plugins/"));
  await panel.goto("/view/system-monitor");
  const newest = panel.getByRole("slider", { name: "CPU, point in time" });
  const points = async () => Number(await newest.getAttribute("aria-valuemax"));
  await expect(newest).toBeVisible();
  const first = await points();
  await expect.poll(points).toBeGreaterThan(first + 1);
  expect(streams()).toEqual(["/plugins/system-monitor/live?range=10m"]);

  await panel.route("**/live?*", (route) => route.abort());
  await panel.getByRole("radio", { name: "1 hour" }).check();
  await expect(panel.getByText(/Not live since .*; trying again/)).toBeVisible();
  await panel.unroute("**/live?*");
  await expect(panel.getByText("trying again")).toBeHidden();
  expect(new Set(streams()).size).toBe(2);

  const closed = panel.waitForEvent("requestfailed", (request) => request.url().endsWith("/live?range=1h"));
  await panel.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await closed;
  const before = streams().length;
  await panel.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: false });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => streams().length).toBe(before + 1);
});
