import { signInAsUser } from "./support/sign-in-as-user.ts";
import { expect, test } from "./support/test.ts";

test.use({
  hostOptions: { env: { TORU_BACKOFF_BASE_MS: "60000" }, prepare: async (host) => { await host.install("v2", "acme", { metadata: { icon: "shield" } }); } },
});

test("R1 drawer stays closed on back", async ({ panel }) => {
  await panel.setViewportSize({ width: 360, height: 740 });
  await panel.goto("/");
  const drawer = panel.getByRole("dialog");
  await panel.getByRole("button", { name: "Open menu" }).click();
  await drawer.getByRole("link", { name: "Plugin Manager" }).click();
  await expect(drawer).toBeHidden();
  await panel.goBack();
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible();
  expect(await drawer.isVisible()).toBe(false);
});

test("R2 the menu closes when it leads on", async ({ panel }) => {
  await panel.goto("/");
  await panel.getByRole("button", { name: "Account and settings" }).click();
  await panel.getByRole("link", { name: "Account" }).click();
  await expect(panel).toHaveURL(/account/);
  await expect(panel.getByRole("heading", { name: "Account" })).toBeVisible();
  await expect(panel.getByRole("button", { name: "Sign out" })).toBeHidden({ timeout: 1500 });
});

test("R3 a tab that comes back", async ({ host, context, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const link = panel.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
  await expect(link).toContainText("Running");
  const other = await context.newPage();
  await other.goto("/");
  await expect(other.getByRole("heading", { name: "Home" })).toBeVisible();
  await panel.evaluate(() => { window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })); });
  await host.kill("acme");
  await expect(other.getByText("Crashed").first()).toBeVisible();
  await panel.evaluate(() => { window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); });
  await expect(link).toContainText("Crashed", { timeout: 4000 });
});

test("R4 somebody else", async ({ host, context, panel }) => {
  await panel.goto("/account");
  const other = await context.newPage();
  await other.goto("/");
  await expect(panel.getByText("Signed in as admin")).toBeVisible();
  const admin = host.cookie;
  await signInAsUser(host, context);
  const eva = host.cookie;
  host.cookie = admin;
  await host.post("/api/auth/logout");
  host.cookie = eva;
  await expect(panel.getByText("Signed in as eva")).toBeVisible({ timeout: 15000 });
});

test("R5 duplicate", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await host.install("v2", "aaa", { metadata: { id: "acme", route: "/other" } });
  await expect.poll(async () => (await host.json<{ status: string }[]>("/api/plugins")).map((p) => p.status)).toContain("invalid");
  console.log(JSON.stringify(await host.json("/api/plugins")));
  await panel.goto("/view/acme");
  await panel.waitForTimeout(1000);
  console.log(await panel.getByRole("main").innerText());
  await panel.goto("/");
  await panel.getByRole("list", { name: "Needs attention" }).getByRole("link").first().click();
  await panel.waitForTimeout(500);
  console.log(panel.url(), await panel.getByRole("dialog").allInnerTexts());
});

test("R5b route taken", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await host.install("v2", "aaa", { metadata: { id: "aaa", route: "/acme" } });
  await expect.poll(async () => (await host.json<{ status: string }[]>("/api/plugins")).map((p) => p.status)).toContain("invalid");
  await panel.goto("/");
  await panel.getByRole("list", { name: "Needs attention" }).getByRole("link").first().click();
  await panel.waitForTimeout(500);
  console.log(panel.url(), await panel.getByRole("dialog").allInnerTexts());
});

test("R6 copy keeps focus", async ({ panel }) => {
  await panel.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await panel.goto("/plugins-manager?plugin=acme");
  const button = panel.getByRole("button", { name: "Copy the id" });
  await button.focus();
  await panel.keyboard.press("Enter");
  await expect(panel.getByText("Copied")).toBeVisible();
  await expect(button).toBeFocused({ timeout: 1000 });
});

test("R7 icons that do not load", async ({ panel }) => {
  await panel.route(/named-icon/, (route) => route.abort());
  await panel.goto("/");
  await panel.waitForTimeout(3000); console.log((await panel.locator("#toru").innerText()).slice(0,200));
  await expect(panel.getByRole("heading", { name: "Home" })).toBeVisible({ timeout: 4000 });
});

test("R8 session replaced while the old one is valid", async ({ host, context, panel }) => {
  await panel.goto("/account");
  await expect(panel.getByText("Signed in as admin")).toBeVisible();
  const admin = host.cookie;
  await host.post("/api/users", { username: "eva", password: "correct horse battery", role: "admin" });
  const response = await host.post("/api/auth/login", { username: "eva", password: "correct horse battery" });
  host.cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const [name = "", value = ""] = host.cookie.split("=");
  await context.addCookies([{ name, value, url: host.url, httpOnly: true, sameSite: "Strict" }]);
  const other = await context.newPage();
  await other.goto("/account");
  await expect(other.getByText("Signed in as eva")).toBeVisible();
  await expect(panel.getByText("Signed in as eva")).toBeVisible({ timeout: 5000 });
  void admin;
});
test("R9 same role, one tab, session ended", async ({ host, context, panel }) => {
  await panel.goto("/account");
  await expect(panel.getByText("Signed in as admin")).toBeVisible();
  const admin = host.cookie;
  await host.post("/api/users", { username: "eva", password: "correct horse battery", role: "admin" });
  const response = await host.post("/api/auth/login", { username: "eva", password: "correct horse battery" });
  const eva = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const [name = "", value = ""] = eva.split("=");
  await context.addCookies([{ name, value, url: host.url, httpOnly: true, sameSite: "Strict" }]);
  host.cookie = admin;
  await host.post("/api/auth/logout");
  host.cookie = eva;
  await expect(panel.getByText("Signed in as eva")).toBeVisible({ timeout: 15000 });
});
test("R10 a page left in memory with frozen state", async ({ host, context, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const link = panel.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
  await expect(link).toContainText("Running");
  const other = await context.newPage();
  await other.goto("/");
  const session = await context.newCDPSession(panel);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await host.kill("acme");
  await expect(other.getByText("Crashed").first()).toBeVisible();
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await expect(link).toContainText("Crashed", { timeout: 4000 });
});
test("R11 closing the same page link in the drawer", async ({ panel }) => {
  await panel.setViewportSize({ width: 360, height: 740 });
  await panel.goto("/");
  const drawer = panel.getByRole("dialog");
  await panel.getByRole("button", { name: "Open menu" }).click();
  await drawer.getByRole("link", { name: "Home" }).click();
  await expect(drawer).toBeHidden();
});
