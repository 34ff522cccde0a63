import { copyFile, chmod } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { PanelHost } from "../../e2e/support/panel-host.ts";
import { expect, test } from "../../e2e/support/test.ts";

const IMAGES = join(import.meta.dirname, "../images");
const EXAMPLE = join(import.meta.dirname, "../../examples/disk-usage/disk-usage.py");

/** So that the lines of CPU and memory have something to show, in milliseconds. */
const SAMPLED_MS = 45_000;

const PLUGINS = [
  ["backups", "Backups", "database", "2.4.1", "Nightly copies of folders and databases, and their restore"],
  ["certificates", "Certificates", "lock", "1.8.0", "Watches expiry dates and renews what it may"],
  ["firewall", "Firewall", "shield", "0.9.3", "Open ports, rules and who knocked"],
  ["media", "Media library", "music", "3.0.2", "Finds, sorts and streams what is on the disks"],
  ["weather", "Weather station", "thermometer", "1.1.0", "Reads the sensors on the roof"],
] as const;

test.use({
  hostOptions: {
    env: { TORU_BACKOFF_BASE_MS: "120000" },
    prepare: async (host) => {
      for (const [id, name, icon, version, description] of PLUGINS) {
        const metadata = { name, icon, description, author: "Example", license: "MIT" };
        await host.install("v2", id, { version, metadata });
      }
      await copyFile(EXAMPLE, join(host.pluginsDir, "disk-usage.binary"));
      await chmod(join(host.pluginsDir, "disk-usage.binary"), 0o755);
    },
  },
});

test("screenshots for the README", async ({ host, panel }) => {
  for (const [id] of PLUGINS) await host.reaches(id, "running");
  await busy(host);
  await host.post("/api/plugins/weather/disable");
  await host.fetch("/plugins/certificates/stderr?lines=6&text=renewal:%20certificate%20store%20is%20locked");
  await host.kill("certificates", "SIGSEGV");
  for (const colorScheme of ["light", "dark"] as const) {
    await panel.emulateMedia({ colorScheme });
    await panel.setViewportSize({ width: 1440, height: 900 });
    await shoot(panel, "/", `home-${colorScheme}`);
    await shoot(panel, "/plugins-manager", `manager-${colorScheme}`);
  }
  await panel.emulateMedia({ colorScheme: "light" });
  await shoot(panel, "/view/certificates", "crash-light");
  await shoot(panel, "/view/disk-usage", "view-light");
  await shoot(panel, "/logs/backups", "logs-light");
  await panel.setViewportSize({ width: 360, height: 740 });
  await shoot(panel, "/plugins-manager", "manager-phone-light");
});

async function shoot(page: Page, path: string, name: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading").first()).toBeVisible();
  await expect(page.getByText("Loading …")).toHaveCount(0);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: "disabled" });
}

/** Requests that cost the plugins something, for as long as the samples need. */
async function busy(host: PanelHost): Promise<void> {
  const end = Date.now() + SAMPLED_MS;
  for (let round = 0; Date.now() < end; round++) {
    await host.fetch(
      `/plugins/backups/log?level=${round % 9 === 0 ? "warn" : "info"}&message=copied%20volume%20${round}`,
    );
    await host.fetch(`/plugins/media/large?bytes=${(round % 40) * 50_000}`);
    await host.fetch(`/plugins/firewall/sleep?ms=${20 + (round % 7) * 30}`);
  }
}
