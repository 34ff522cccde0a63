import { signInAsUser } from "./support/sign-in-as-user.ts";
import { ADMIN_PASSWORD } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";
const BUNDLE = `window.ToruPlugins.acme = { mount(c, api) { c.textContent = "width " + c.clientWidth + " secure " + isSecureContext; api.fetch("/x").then(r=>c.append(" status " + r.status)); }, unmount() {} }`;
test.use({
  launchOptions: { executablePath: process.env["TORU_CHROMIUM"] ?? "", args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server", "--host-resolver-rules=MAP toru.test 127.0.0.1"] },
  hostOptions: { env: { TORU_BACKOFF_BASE_MS: "60000" }, prepare: async (host) => { await host.install("v2", "acme", { metadata: { icon: "shield" }, }); await host.installBundle("acme", BUNDLE); await host.install("v2", "down", { behaviour: "exit-at-once" }); await host.installText("bad.binary", "junk"); } },
});

test("M1 width at mount", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/view/acme");
  await expect(panel.getByText(/^width/)).toBeVisible();
  console.log(await panel.getByText(/^width/).innerText());
  expect(await panel.getByText(/^width/).innerText()).not.toContain("width 0");
});

test("M2 plain http, a user on all pages", async ({ host, context, page }) => {
  await host.reaches("acme", "running");
  await host.post("/api/users", { username: "eva", password: ADMIN_PASSWORD, role: "user" });
  const base = host.url.replace("127.0.0.1", "toru.test");
  const seen: string[] = [];
  page.on("console", (m) => { if (m.type() !== "debug") seen.push(`${m.type()}: ${m.text()} @ ${page.url()}`); });
  page.on("pageerror", (e) => seen.push(`pageerror ${e.message}`));
  page.on("response", (r) => { if (r.status() >= 400) seen.push(`${r.status()} ${r.url()} @ ${page.url()}`); });
  await page.goto(base + "/sign-in?next=/view/acme");
  await page.getByLabel("User name").fill("eva");
  await page.getByLabel("Password", { exact: true }).fill(ADMIN_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText(/^width/)).toContainText("status");
  console.log(await page.getByText(/^width/).innerText());
  for (const path of ["/", "/plugins-manager", "/plugins-manager?plugin=down&tab=logs", "/view/down", "/account", "/events", "/events?plugin=acme", "/logs/acme", "/welcome", "/view/nothing"]) {
    seen.push("-> " + path);
    await page.goto(base + path);
    await page.waitForTimeout(900);
    if (["/view/down", "/events"].includes(path)) console.log(path, (await page.getByRole("main").innerText()).slice(0, 600));
  }
  console.log(seen.join("\n"));
});
test("M3 resources fail", async ({ panel }) => {
  await panel.route("**/api/resources", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "/problems/internal", title: "x", status: 500, detail: "broken" }) }));
  await panel.goto("/");
  await panel.waitForTimeout(1500);
  console.log((await panel.getByRole("region", { name: "Server" }).innerText()));
});
