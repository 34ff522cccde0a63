import { execFile } from "node:child_process";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
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

test.describe.configure({ timeout: 300_000 }); // a first build of Rust takes minutes on a busy machine

for (const [name, isComplete] of Object.entries(EXAMPLES)) {
  test(`the example ${name} is at home in the panel: phone and desktop, light and dark`, async ({ host, panel }) => {
    const built = await build(name);
    const target = join(host.pluginsDir, `${name}.binary`);
    await copyFile(built, target);
    await chmod(target, 0o755);
    await host.reaches(name, "running");
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
