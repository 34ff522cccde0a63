import { execFile } from "node:child_process";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "../../e2e/support/test.ts";

const ROOT = join(import.meta.dirname, "../..");

/** So that charts have something to show, in milliseconds. */
const SAMPLED_MS = 90_000;

/** What the page shows when it is complete. Certificates and webhooks need data of their own: their pictures are taken by hand. */
const EXAMPLES = { "system-monitor": "CPU 0", "disk-usage": "% used," };

test.describe.configure({ timeout: 300_000 });

test("screenshots for the READMEs of the examples", async ({ host, panel }) => {
  for (const name of Object.keys(EXAMPLES)) {
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, "scripts/examples.mjs"), name]);
    const target = join(host.pluginsDir, `${name}.binary`);
    await copyFile(stdout.trim(), target);
    await chmod(target, 0o755);
    await host.reaches(name, "running");
  }
  await panel.waitForTimeout(SAMPLED_MS);
  await panel.setViewportSize({ width: 1200, height: 800 });
  for (const [name, text] of Object.entries(EXAMPLES)) {
    await panel.goto(`/view/${name}`);
    await expect(panel.getByText(text).first()).toBeVisible();
    if (name === "disk-usage") {
      await panel
        .getByRole("button", { name: /free of/ })
        .first()
        .click();
      await expect(panel.getByText("/usr", { exact: true })).toBeVisible({ timeout: 30_000 });
    }
    await panel.screenshot({ path: join(ROOT, "examples", name, "screenshot.png"), animations: "disabled" });
  }
});
