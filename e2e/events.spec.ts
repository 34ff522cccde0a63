import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EventPage } from "@toru/http-api";
import type { Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { signInAsUser } from "./support/sign-in-as-user.ts";
import { expect, test } from "./support/test.ts";

const LONG_BACKOFF = { TORU_BACKOFF_BASE_MS: "60000" };

/** Puts events into the host's database; the first is the oldest. */
async function addEvents(host: PanelHost, count: number): Promise<void> {
  const script = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.executemany(
    "INSERT INTO plugin_events (plugin_id, event_type, timestamp, details) VALUES ('acme', 'stopped', ?, ?)",
    [("2026-01-%02dT12:00:00.000Z" % (1 + n * 28 // int(sys.argv[2])), '{"code": %d}' % n) for n in range(int(sys.argv[2]))],
)
db.commit()
`;
  await promisify(execFile)("python3", ["-c", script, join(host.dataDir, "toru.db"), String(count)]);
}

const rows = (panel: Page) => panel.locator("[data-event]");
const chip = (panel: Page, name: string) => panel.getByRole("main").getByRole("button", { name, exact: true });

test.describe("what happens", () => {
  test.use({
    hostOptions: {
      env: LONG_BACKOFF,
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.install("v2", "beta");
      },
    },
  });

  test("a kill is an event by itself, with its details in words", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/events");
    await expect(rows(panel).filter({ hasText: "Acme" }).filter({ hasText: "Started" })).toBeVisible();
    await expect(panel.getByRole("heading", { name: /^Today/ })).toBeVisible();
    await host.reaches("beta", "running");
    // Once one event came by itself, the live connection is there.
    await host.post("/api/plugins/beta/disable");
    await expect(rows(panel).filter({ hasText: "Beta" }).filter({ hasText: "Disabled" })).toBeVisible();
    await host.kill("acme");
    const recorded = async () => (await host.json<EventPage>("/api/plugin-events?type=crashed")).events.length;
    await expect.poll(recorded, { intervals: [20] }).toBe(1);
    const crash = rows(panel).filter({ hasText: "Crashed" });
    await expect(crash).toBeVisible();
    await expect(crash).toContainText("Killed by signal SIGKILL.");
    await expect(crash).toContainText(/It had run for \d+s\./);
    await expect(crash).toContainText("First crash.");
    await expect(crash).toContainText("Next try after 1m.");
    await expect(crash.getByRole("time")).toHaveAttribute("title", /\d{2}:\d{2}:\d{2}/);
    await host.post("/api/plugins/acme/disable");
    await expect(rows(panel).filter({ hasText: /Disabled.*Acme/ })).toContainText("By hand.");
  });

  test("the raw event is behind a button and can be copied", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.fetch("/plugins/acme/crash?code=7");
    await panel.goto("/events?type=crashed");
    const crash = rows(panel).filter({ hasText: "Exited with code 7." });
    const button = crash.getByRole("button", { name: "Details as JSON" });
    await expect(button).toHaveAttribute("aria-expanded", "false");
    await button.press("Enter");
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await expect(crash.locator("pre")).toContainText('"event_type": "crashed"');
    await crash.getByRole("button", { name: "Copy the JSON" }).click();
    await expect(panel.getByText("Copied", { exact: true })).toBeVisible();
    await button.click();
    await expect(crash.locator("pre")).toHaveCount(0);
  });

  test("filters are in the address, survive a reload, and going back takes them off", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("beta", "running");
    await host.kill("acme");
    await panel.goto("/events");
    await expect(rows(panel)).toHaveCount(3);
    await chip(panel, "Crashed").click();
    await expect(rows(panel)).toHaveCount(1);
    await chip(panel, "Started").click();
    await expect(rows(panel)).toHaveCount(3);
    await panel.getByRole("combobox", { name: "Plugin" }).selectOption("Acme");
    await expect(rows(panel)).toHaveCount(2);
    await panel.reload();
    await expect(rows(panel)).toHaveCount(2);
    await expect(panel.getByRole("combobox", { name: "Plugin" })).toHaveValue("acme");
    await expect(chip(panel, "Crashed")).toHaveAttribute("aria-pressed", "true");
    await expect(chip(panel, "Started")).toHaveAttribute("aria-pressed", "true");
    await expect(chip(panel, "All")).toHaveAttribute("aria-pressed", "false");
    await panel.goBack();
    await expect(panel.getByRole("combobox", { name: "Plugin" })).toHaveValue("");
    await panel.goBack();
    await expect(rows(panel)).toHaveCount(1);
    await panel.goBack();
    await expect(rows(panel)).toHaveCount(3);
    await expect(panel).toHaveURL(/\/events$/);
  });

  test("a filter that nothing matches can be cleared; a plugin that is gone stays chosen", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/events?plugin=gone&type=crashed,burnt");
    await expect(panel.getByText("No event matches")).toBeVisible();
    await expect(panel.getByRole("combobox", { name: "Plugin" })).toHaveValue("gone");
    await expect(panel.getByRole("combobox", { name: "Plugin" })).toContainText("gone (removed)");
    await expect(chip(panel, "Crashed")).toHaveAttribute("aria-pressed", "true");
    await panel.getByRole("button", { name: "Clear filters" }).click();
    await expect(rows(panel).filter({ hasText: "Acme" })).toBeVisible();
    await expect(panel).toHaveURL(/\/events$/);
  });

  test("the tab of a plugin has only its own events; a name leads there", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("beta", "running");
    await panel.goto("/events");
    await rows(panel).getByRole("link", { name: "Acme" }).first().click();
    const dialog = panel.getByRole("dialog", { name: "Acme" });
    await dialog.getByRole("tab", { name: "Events" }).click();
    await expect(dialog.locator("[data-event]")).toHaveCount(1);
    await expect(dialog.locator("[data-event]")).not.toContainText("Acme");
    await host.kill("beta");
    await host.kill("acme");
    await expect(dialog.locator("[data-event]").filter({ hasText: "Crashed" })).toBeVisible();
    await expect(dialog.locator("[data-event]")).toHaveCount(2);
  });

  test("users are told that only administrators see events", async ({ host, page, context }) => {
    await signInAsUser(host, context);
    await page.goto("/events");
    await expect(page.getByText("Only administrators may see events")).toBeVisible();
    await expect(page.getByRole("combobox")).toHaveCount(0);
  });

  test("an answer that fails can be asked for again, and what was loaded stays meanwhile", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/events");
    await host.kill("acme");
    await expect(rows(panel).filter({ hasText: "Crashed" })).toBeVisible();
    await panel.route("**/api/plugin-events?*", (route) => route.fulfill({ status: 500, body: "" }));
    await host.post("/api/plugins/acme/disable");
    const stale = panel.getByRole("alert").filter({ hasText: "The newest events could not be loaded." });
    await expect(stale).toBeVisible();
    await expect(rows(panel).filter({ hasText: "Crashed" })).toBeVisible();
    await chip(panel, "Disabled").click();
    await expect(panel.getByText("This could not be loaded")).toBeVisible();
    await panel.unroute("**/api/plugin-events?*");
    await panel.getByRole("button", { name: "Try again" }).click();
    await expect(rows(panel).filter({ hasText: "Disabled" })).toBeVisible();
  });
});

test.describe("a long history", () => {
  test.use({ hostOptions: { env: LONG_BACKOFF, prepare: (host) => host.install("v2", "acme") } });

  test("older events are loaded behind, and a new one leaves the reader where they are", async ({ host, panel }) => {
    await addEvents(host, 350);
    await host.reaches("acme", "running");
    await panel.goto("/events");
    await expect(rows(panel)).toHaveCount(100);
    const older = panel.getByRole("button", { name: "Load older" });
    for (const count of [200, 300]) {
      await older.click();
      await expect(rows(panel)).toHaveCount(count);
    }
    const ids = await rows(panel).evaluateAll((elements) => elements.map((row) => Number(row.dataset["event"])));
    expect(ids).toEqual(ids.toSorted((one, other) => other - one));
    const read = panel.locator(`[data-event="${ids[250]}"]`);
    await read.scrollIntoViewIfNeeded();
    const top = () => read.evaluate((element) => Math.round(element.getBoundingClientRect().top));
    // What is skipped while out of sight gets its real height once it was seen.
    const settled = () =>
      read.evaluate(async (element) => {
        const before = element.getBoundingClientRect().top;
        for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
        return element.getBoundingClientRect().top === before;
      });
    await expect.poll(settled).toBe(true);
    const before = await top();
    const requests: string[] = [];
    panel.on("request", (request) => requests.push(request.url()));
    await host.kill("acme");
    await expect(rows(panel)).toHaveCount(301);
    await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThanOrEqual(2);
    expect(requests.filter((url) => url.includes("/api/plugin-events"))).toHaveLength(1);
    await older.click();
    await expect(panel.getByText("There are no older events.")).toBeVisible();
    await expect(rows(panel)).toHaveCount(352);
  });
});
