import type { Locator, Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { signInAsUser } from "./support/sign-in-as-user.ts";
import { expect, test } from "./support/test.ts";

/** It stays down until somebody starts it. */
const LONG_BACKOFF = { TORU_BACKOFF_BASE_MS: "30000" };
const DETAILS = "/plugins-manager?plugin=acme";

function card(panel: Page): Locator {
  return panel.getByRole("dialog", { name: "Acme" }).getByRole("region", { name: /^Acme (crashed|was disabled)$/ });
}

async function openDetails(host: PanelHost, panel: Page): Promise<void> {
  await host.reaches("acme", "running");
  await panel.goto(DETAILS);
  await expect(panel.getByRole("dialog", { name: "Acme" }).getByText("Healthy")).toBeVisible();
}

test.describe("a plugin that is killed", () => {
  test.use({ hostOptions: { env: LONG_BACKOFF, prepare: (host) => host.install("v2", "acme") } });

  test("shows the crash card within two seconds, and a red sign in the sidebar", async ({ host, panel }) => {
    await openDetails(host, panel);
    const { pid } = await host.plugin("acme");
    if (pid === null) throw new Error("acme does not run");
    const before = performance.now();
    process.kill(pid, "SIGKILL");
    await card(panel).waitFor({ timeout: 2_000 });
    await panel.locator("nav [data-condition=crashed]").waitFor({ state: "attached", timeout: 2_000 });
    expect(performance.now() - before).toBeLessThan(2_000);
    await expect(card(panel)).toContainText("Killed by signal SIGKILL");
    await expect(card(panel)).toContainText("memory ran out");
    await expect(card(panel)).toContainText("attempt 1 of 10");
    await expect(card(panel)).toContainText("had run for");
  });

  test("counts down to the next try, second by second", async ({ host, panel }) => {
    await openDetails(host, panel);
    await host.kill("acme");
    const timer = card(panel).getByRole("timer");
    const seconds = async () => Number(/in (\d+) s/.exec(await timer.innerText())?.[1]);
    await expect(timer).toContainText("Next try in");
    const first = await seconds();
    expect(first).toBeGreaterThan(15);
    expect(first).toBeLessThanOrEqual(30);
    await expect.poll(seconds).toBeLessThan(first);
  });

  test("starts again at once when a person says so", async ({ host, panel }) => {
    await openDetails(host, panel);
    const pid = await host.kill("acme");
    await card(panel).getByRole("button", { name: "Restart now" }).click();
    await expect(panel.getByText("Acme is being restarted")).toBeVisible();
    const again = await host.reaches("acme", "running");
    expect(again.pid).not.toBe(pid);
    await expect(card(panel)).toHaveCount(0);
    await expect(panel.getByRole("dialog", { name: "Acme" }).getByText("Healthy")).toBeVisible();
  });

  test("can be disabled, or its logs opened", async ({ host, panel }) => {
    await openDetails(host, panel);
    await host.kill("acme");
    await expect(card(panel).getByRole("link", { name: "Open logs" })).toHaveAttribute("href", "/logs/acme");
    await card(panel).getByRole("button", { name: "Disable", exact: true }).click();
    await expect(panel.getByText("Acme disabled", { exact: true })).toBeVisible();
    await expect(card(panel)).toHaveCount(0);
    await host.reaches("acme", "disabled");
  });

  test("shows its last output as plain text", async ({ host, panel }) => {
    await openDetails(host, panel);
    const text = encodeURIComponent("\u001B[31m<img src=x onerror=alert(1)>\u001B[0m");
    await host.fetch(`/plugins/acme/stderr?lines=30&text=${text}`);
    await host.fetch("/plugins/acme/crash?code=3");
    await expect(card(panel)).toContainText("Exited with code 3");
    const output = card(panel).getByLabel("Last output");
    await expect(output).toContainText("<img src=x onerror=alert(1)>");
    await expect(output.locator("img")).toHaveCount(0);
    const lines = (await output.innerText()).split("\n");
    expect(lines).toHaveLength(20);
    expect(lines.join("")).not.toContain("[31m");
    await card(panel).getByRole("button", { name: "Copy output" }).click();
    await expect(panel.getByText("Copied", { exact: true })).toBeVisible();
  });

  test("names other endings in words", async ({ host, panel }) => {
    await openDetails(host, panel);
    await host.fetch("/plugins/acme/signal?n=11");
    await expect(card(panel)).toContainText("Killed by signal SIGSEGV");
    await expect(card(panel)).toContainText("memory that is not its own");
    await card(panel).getByRole("button", { name: "Restart now" }).click();
    await host.reaches("acme", "running");
    await host.fetch("/plugins/acme/crash?code=127");
    await expect(card(panel)).toContainText("Exited with code 127");
    await expect(card(panel)).toContainText("interpreter");
  });

  test("shows users who are no admins what happened, without buttons and output", async ({ host, page, context }) => {
    await host.reaches("acme", "running");
    await host.fetch("/plugins/acme/stderr?lines=3&text=secret");
    await host.kill("acme");
    await signInAsUser(host, context);
    await page.goto(DETAILS);
    await expect(card(page)).toContainText("Killed by signal SIGKILL");
    await expect(card(page).getByRole("button")).toHaveCount(0);
    await expect(card(page).getByRole("link")).toHaveCount(0);
    await expect(card(page)).not.toContainText("secret");
  });
});

test.describe("a plugin that crashes up to the limit", () => {
  test.use({
    hostOptions: {
      env: { TORU_BACKOFF_BASE_MS: "10", TORU_CRASH_LIMIT: "3" },
      prepare: (host) => host.install("v2", "acme", { behaviour: "exit-at-once", code: 4, until: 3 }),
    },
  });

  test("is explained as disabled, and can be enabled again", async ({ host, panel }) => {
    await host.reaches("acme", "failed");
    await panel.goto(DETAILS);
    await expect(card(panel)).toContainText("disabled after 3 crashes in a row");
    await expect(card(panel)).toContainText("enable it to try again");
    await expect(card(panel)).toContainText("Exited with code 4");
    await expect(card(panel).getByRole("button", { name: "Restart now" })).toHaveCount(0);
    await expect(panel.locator("nav [data-condition=failed]")).toBeAttached();
    await card(panel).getByRole("button", { name: "Enable" }).click();
    await expect(panel.getByText("Acme enabled", { exact: true })).toBeVisible();
    await host.reaches("acme", "running");
    await expect(card(panel)).toHaveCount(0);
  });
});
