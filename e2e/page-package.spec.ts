import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { openAndClose } from "./support/open-and-close.ts";
import type { PanelHost } from "./support/panel-host.ts";
import { signInAsUser } from "./support/sign-in-as-user.ts";
import { expect, test } from "./support/test.ts";
import { violations } from "./support/violations.ts";

const ROOT = join(import.meta.dirname, "..");

let probe: Promise<string> | null = null;

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

const shown = (panel: Page) => panel.getByRole("heading", { name: "Probe of admin" });
const button = (panel: Page, name: string) => panel.getByRole("button", { name, exact: true });
const pluginLink = (panel: Page) =>
  panel.getByRole("complementary").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });

test.describe("@toru/page", () => {
  test.use({
    hostOptions: {
      prepare: async (host: PanelHost) => {
        await host.install("v2", "acme");
        await host.installBundle("acme", await (probe ??= buildProbe()));
      },
    },
  });

  test.beforeEach(({ host }) => host.reaches("acme", "running"));

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
    await expect(pluginLink(panel)).toBeVisible();
    const devtools = await context.newCDPSession(panel);
    await devtools.send("Performance.enable");
    const visits = (count: number) =>
      openAndClose(panel, count, { selector: ".acme-probe", text: "Answer: /acme/one" });
    const measure = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { metrics } = await devtools.send("Performance.getMetrics");
      const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
      const sheets = await panel.evaluate(() => document.adoptedStyleSheets.length);
      return { sheets, nodes: of("Nodes"), listeners: of("JSEventListeners") };
    };
    await visits(10);
    const before = await measure();
    await visits(100);
    const after = await measure();
    expect(after.sheets).toBe(before.sheets);
    // One mount has 20 nodes and more than 10 listeners: a leak would be of thousands.
    expect(after.nodes - before.nodes).toBeLessThan(500);
    expect(after.listeners - before.listeners).toBeLessThan(250);
  });
});

test.describe("the page of the example webhooks", () => {
  test.use({
    hostOptions: {
      prepare: async (host: PanelHost) => {
        const command = join(ROOT, "sdks/typescript/command/toru-plugin.mjs");
        const args = [command, "build", "--output", join(host.pluginsDir, "webhooks.binary")];
        await promisify(execFile)(process.execPath, args, { cwd: join(ROOT, "examples/webhooks"), timeout: 50_000 });
      },
    },
  });

  test.beforeEach(({ host }) => host.reaches("webhooks", "running"));

  const send = (host: PanelHost, source: string, event: string, signature = "") =>
    host.fetch(`/plugins/webhooks/in/${source}`, {
      method: "POST",
      body: JSON.stringify({ type: event, order: 7 }),
      headers: { "content-type": "application/json", "x-signature": signature },
    });

  test("an admin adds a source, whose made-up secret shows once, and sees what is refused", async ({ host, panel }) => {
    await panel.goto("/view/webhooks");
    await expect(panel.getByText("There is no source yet. An admin adds one")).toBeVisible();
    await button(panel, "Sources").click();
    await button(panel, "Add a source").click();
    await panel.getByLabel("Name", { exact: true }).fill("shop");
    await panel.getByLabel("Signed").selectOption({ label: "by HMAC in a header" });
    await button(panel, "Save").click();
    await expect(panel.getByText("It shows this once")).toBeVisible();
    await button(panel, "I have it").click();
    await expect(panel.getByText(`${host.url}/plugins/webhooks/in/shop`)).toBeVisible();
    expect((await send(host, "shop", "order.paid", "00")).status).toBe(401);
    await expect(panel.getByText(/1 refused since the plugin started.*not that of the body/)).toBeVisible();
    await button(panel, "Remove").click();
    await expect(button(panel, "Remove")).toBeFocused();
    await button(panel, "Remove").click();
    await expect(panel.getByText("There is no source yet.")).toBeVisible();
  });

  test("webhooks show as they come, are found, opened, replayed and removed", async ({ host, panel }) => {
    const target = createServer((request, response) => void response.writeHead(202).end(request.url));
    await once(target.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hook`;
    await host.post("/plugins/webhooks/sources", { name: "open", kind: "none", replayUrl: url });
    await panel.goto("/view/webhooks");
    await expect(panel.getByText("Nothing has come in yet.")).toBeVisible();
    for (const event of ["order.paid", "order.sent", "customer.created"]) await send(host, "open", event);
    await expect(panel.getByText("3 webhooks")).toBeVisible();
    await panel.getByRole("searchbox", { name: "Search" }).fill("ORDER.sent");
    await expect(panel.getByText("1 webhook", { exact: true })).toBeVisible();
    await panel.getByRole("button", { name: /order\.sent/ }).click();
    const details = panel.getByRole("region", { name: "Details" });
    await expect(details.getByText('"order": 7')).toBeVisible();
    await expect(details.getByLabel("Replay to")).toHaveValue(url);
    await button(panel, "Replay").click();
    await expect(panel.getByText("Replayed: 202")).toBeVisible();
    await expect(details.getByText("/hook", { exact: true })).toBeVisible();
    await panel.goBack();
    await expect(details).toHaveCount(0);
    await panel.goForward();
    await button(panel, "Remove").click();
    await button(panel, "Remove").click();
    await expect(panel.getByText("Nothing matches.")).toBeVisible();
    target.close();
  });

  test("somebody who is no admin looks and changes nothing", async ({ host, panel, context }) => {
    await host.post("/plugins/webhooks/sources", { name: "open", kind: "none" });
    await send(host, "open", "order.paid");
    await signInAsUser(host, context);
    await panel.goto("/view/webhooks");
    await panel.getByRole("button", { name: /order\.paid/ }).click();
    await expect(panel.getByRole("region", { name: "Details" }).getByText('"order": 7')).toBeVisible();
    for (const name of ["Replay", "Remove"]) await expect(button(panel, name)).toHaveCount(0);
    await button(panel, "Sources").click();
    await expect(panel.getByRole("heading", { name: "open" })).toBeVisible();
    for (const name of ["Add a source", "Change", "Remove"]) await expect(button(panel, name)).toHaveCount(0);
  });

  test("breaks no rule of accessibility", async ({ host, panel }) => {
    await host.post("/plugins/webhooks/sources", { name: "open", kind: "none" });
    await send(host, "open", "order.paid");
    await panel.goto("/view/webhooks");
    await panel.getByRole("button", { name: /order\.paid/ }).click();
    await expect(panel.getByRole("region", { name: "Details" }).getByText('"order": 7')).toBeVisible();
    expect(await violations(panel)).toEqual([]);
    await button(panel, "Sources").click();
    await button(panel, "Add a source").click();
    expect(await violations(panel)).toEqual([]);
  });
});
