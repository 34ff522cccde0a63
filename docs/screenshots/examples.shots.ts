import { execFile } from "node:child_process";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { PanelHost } from "../../e2e/support/panel-host.ts";
import { expect, test } from "../../e2e/support/test.ts";

const ROOT = join(import.meta.dirname, "../..");

/** So that charts have something to show, in milliseconds. */
const SAMPLED_MS = 90_000;

test.describe.configure({ timeout: 300_000 });

// Certificates and webhooks need data of their own: their pictures are taken by hand.
test("screenshot for the README of system-monitor", async ({ host, panel }) => {
  await install(host, "system-monitor");
  await panel.waitForTimeout(SAMPLED_MS);
  await panel.goto("/view/system-monitor");
  await expect(panel.getByText("CPU 0").first()).toBeVisible();
  await shoot(panel, "system-monitor");
});

test("screenshot for the README of disk-usage", async ({ host, panel }) => {
  await install(host, "disk-usage");
  await panel.goto("/view/disk-usage");
  await panel
    .getByRole("button", { name: /free of/ })
    .first()
    .click();
  await panel.getByRole("button", { name: /^\/usr/ }).click({ timeout: 30_000 });
  await expect(panel.getByText("/usr/share", { exact: true })).toBeVisible({ timeout: 30_000 });
  await shoot(panel, "disk-usage");
});

async function install(host: PanelHost, name: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, "scripts/examples.mjs"), name]);
  const target = join(host.pluginsDir, `${name}.binary`);
  await copyFile(stdout.trim(), target);
  await chmod(target, 0o755);
  await host.reaches(name, "running");
}

async function shoot(panel: Page, name: string): Promise<void> {
  await panel.setViewportSize({ width: 1200, height: 800 });
  await panel.screenshot({ path: join(ROOT, "examples", name, "screenshot.png"), animations: "disabled" });
}
