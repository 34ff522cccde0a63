import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Plugin } from "@toru/http-api";
import type { PluginApi, PluginEvent } from "@toru/page";
import { openAndClose } from "./support/open-and-close.ts";
import type { PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

declare global {
  interface Window {
    api: PluginApi;
    heard: PluginEvent[];
    calls: string[];
  }
}

const bundle = (name: string) => readFile(join(import.meta.dirname, "bundles", `${name}.js`), "utf8");
const pluginLink = (panel: Page, name = "Acme") =>
  panel.getByRole("complementary").getByRole("list", { name: "Plugins" }).getByRole("link", { name });
const home = (panel: Page) => panel.getByRole("link", { name: "Home", exact: true });

/** With a version 2 plugin `acme` whose page is the named bundle. */
const withBundle = (name: string) => ({
  hostOptions: {
    env: { TORU_BACKOFF_BASE_MS: "300", TORU_HEALTH_INTERVAL_MS: "1000" },
    prepare: async (host: PanelHost) => {
      await host.install("v2", "acme");
      await host.installBundle("acme", await bundle(name));
    },
  },
});

test.describe("registered on window.ToruPlugins", () => {
  test.use(withBundle("registered"));

  test("Serve frontend bundle: the plugin's script is served", async ({ host }) => {
    await host.reaches("acme", "running");
    const response = await host.fetch("/api/plugins/acme/bundle.js");
    expect(response.headers.get("content-type")).toContain("text/javascript");
    expect(await response.text()).toBe(await bundle("registered"));
  });

  test("Mount plugin view: mount gets a container in the document", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    const requests: string[] = [];
    panel.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await panel.goto("/");
    await pluginLink(panel).click();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    expect(new URL(panel.url()).pathname).toBe("/view/acme");
    expect(requests.filter((path) => path === "/api/plugins/acme/bundle.js")).toHaveLength(1);
    expect(await panel.evaluate(() => window.calls)).toEqual(["run", "mount true"]);
  });

  test("Unmount plugin view: unmount gets the container on leaving, and the script runs once", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await home(panel).click();
    await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
    await pluginLink(panel).click();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    const calls = ["run", "mount true", "unmount true", "mount true"];
    expect(await panel.evaluate(() => window.calls)).toEqual(calls);
  });

  test("Show crashed plugin: its view shows error details and logs, and the page again when it runs", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    // Three times in a row: the last wait is long enough to look at.
    for (const _ of [1, 2, 3]) {
      await host.kill("acme");
      await expect(panel.getByText("SIGKILL").first()).toBeVisible();
      await expect(panel.getByRole("heading", { name: "Registered page" })).toHaveCount(0);
      await expect(panel.getByRole("link", { name: /logs/i }).first()).toBeVisible();
      await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    }
    await pluginLink(panel).click();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
  });

  test("an unhealthy plugin's page stays, with a bar that goes when it is well again", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await host.fetch("/plugins/acme/ignore-pings?count=2");
    await expect(panel.getByText(/^Unhealthy: /)).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await expect(panel.getByText(/^Unhealthy: /)).toHaveCount(0);
    expect(await panel.evaluate(() => window.calls)).toEqual(["run", "mount true"]);
  });

  test("a second file with the plugin's id is invalid, and the plugin's page stays what it is", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await host.install("v2", "aaa", { metadata: { id: "acme", route: "/aaa" } });
    await expect.poll(async () => (await host.json<Plugin[]>("/api/plugins"))[0]?.status).toBe("invalid");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
  });

  test("a page has its place when it is mounted: what it measures then is true", async ({ host, panel }) => {
    await host.installBundle(
      "acme",
      `ToruPlugins.acme = { mount(page) { page.textContent = "wide: " + (page.clientWidth > 300); } };`,
    );
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("wide: true")).toBeVisible();
  });

  test("a user who is no admin sees the page, and no button to enable it", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    const account = { username: "ada", password: "a long enough password" };
    expect((await host.post("/api/users", { ...account, role: "user" })).status).toBe(201);
    await panel.context().clearCookies();
    const headers = { origin: host.url };
    expect((await panel.request.post("/api/auth/login", { data: account, headers })).ok()).toBe(true);
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await host.post("/api/plugins/acme/disable");
    await expect(panel.getByText("An admin can enable it.")).toBeVisible();
    await expect(panel.getByRole("button", { name: "Enable" })).toHaveCount(0);
  });

  test("a disabled plugin's view offers to enable it, then shows the page", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await host.post("/api/plugins/acme/disable");
    await expect(panel.getByText("Acme is disabled")).toBeVisible();
    await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
    await panel.getByRole("button", { name: "Enable" }).click();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
  });

  test("a new revision while the page is open offers a reload", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await host.installBundle("acme", (await bundle("registered")).replace("Registered page", "Newer page"));
    await expect(panel.getByText("A new version of Acme is there")).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await panel.getByRole("button", { name: "Reload" }).click();
    await expect(panel.getByRole("heading", { name: "Newer page" })).toBeVisible();
    await expect(panel.getByText("A new version of Acme is there")).toHaveCount(0);
    expect(await panel.evaluate(() => window.calls)).toEqual([
      "run",
      "mount true",
      "unmount true",
      "run",
      "mount true",
    ]);
  });

  test("in development the page follows each new revision by itself", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    for (const heading of ["Newer page", "Newest page"]) {
      await host.installBundle("acme", (await bundle("registered")).replace("Registered page", heading));
      const lease = { method: "PUT", headers: { "content-type": "application/json" }, body: '{"lease_ms":60000}' };
      expect((await host.fetch("/api/plugins/acme/development", lease)).status).toBe(200);
      await expect(panel.getByRole("heading", { name: heading })).toBeVisible();
    }
    await panel.goto("/plugins-manager?plugin=acme");
    await expect(panel.getByRole("dialog")).toContainText("In development");
  });

  test("a new executable offers a reload too, and the page stays meanwhile", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
    await host.install("v2", "acme", { version: "2.0.0" });
    // Its metadata is read, the old process stops and the new one starts: on a busy machine that takes a while.
    await expect(panel.getByText("A new version of Acme is there (2.0.0)")).toBeVisible({ timeout: 30_000 });
    expect(await panel.evaluate(() => window.calls)).toEqual(["run", "mount true"]);
    await panel.getByRole("button", { name: "Reload" }).click();
    await expect(panel.getByText("A new version of Acme is there")).toHaveCount(0);
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
  });
});

/** Each id with its bundle and what that shows. */
const FORMS = [
  ["older", "older", "Older page"],
  ["module", "module", "Module page"],
  ["default", "module-default", "Default page"],
] as const;

test.describe("other forms", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        for (const [id, name] of FORMS) {
          await host.install("v2", id);
          await host.installBundle(id, (await bundle(name)).replaceAll("acme", id));
        }
      },
    },
  });

  test("Mount plugin view: older bundles and ES modules are mounted and unmounted", async ({ host, panel }) => {
    for (const [id, , text] of FORMS) {
      await host.reaches(id, "running");
      await panel.goto(`/view/${id}`);
      await expect(panel.getByText(text)).toBeVisible();
      await home(panel).click();
      await expect.poll(() => panel.evaluate(() => document.documentElement.dataset["left"])).toBe("yes");
      await expect(panel.getByText(text)).toHaveCount(0);
      await pluginLink(panel, id).click();
      await expect(panel.getByText(text)).toBeVisible();
    }
  });
});

test.describe("the api", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        await host.install("v2", "acme", { route: "/two" });
        await host.installBundle("acme", await bundle("api"));
        await host.install("v1-direct", "old", { route: "/one" });
        await host.installBundle("old", (await bundle("api")).replaceAll("acme", "old"));
      },
    },
  });
  const get = (panel: Page, path: string) =>
    panel.evaluate(async (path) => {
      const response = await window.api.fetch(path);
      return { url: new URL(response.url).pathname, path: (await response.json()).path as string };
    }, path);

  test("fetch reaches a version 2 plugin below /plugins, one of version 1 below /api/plugins/route, and nothing else", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("admin is admin")).toBeVisible();
    expect(await get(panel, "/x?y=1")).toEqual({ url: "/plugins/two/x", path: "/two/x?y=1" });
    expect(await get(panel, "x")).toEqual({ url: "/plugins/two/x", path: "/two/x" });
    expect(await get(panel, "/plugins/two/x")).toEqual({ url: "/plugins/two/x", path: "/two/x" });
    for (const path of ["../one/x", "/../../api/plugins"]) {
      await expect(get(panel, path)).rejects.toThrow("leads out of the plugin");
    }
    await host.reaches("old", "running");
    await panel.goto("/view/old");
    await expect(panel.getByText("admin is admin")).toBeVisible();
    expect(await get(panel, "/x?y=1")).toEqual({ url: "/api/plugins/route/one/x", path: "/x?y=1" });
  });

  test("kv keeps, lists and deletes values in the plugin's namespace", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("Api page")).toBeVisible();
    const seen = await panel.evaluate(async () => {
      const { kv } = window.api;
      await kv.set("a:1", "ü");
      await kv.set("a:2", "two");
      await kv.set("b", "three");
      const listed = await kv.list({ prefix: "a:", limit: 1 });
      await kv.delete("b");
      const refused = await kv.set("", "x").catch((error: Error) => error.message);
      return { value: await kv.get("a:1"), gone: await kv.get("b"), listed, refused };
    });
    expect(seen).toMatchObject({ value: "ü", gone: null, listed: { keys: ["a:1"], more: true } });
    expect(seen.refused).toContain("key");
    const stored = await (await host.post("/api/plugins/acme/kv", { action: "get", key: "a:2" })).json();
    expect(stored).toEqual({ value: "two" });
  });

  test("a change of the theme reaches the page, its tokens too", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.emulateMedia({ colorScheme: "light" });
    await panel.goto("/view/acme");
    const page = panel.locator(".toru-plugin-page");
    await expect(page).toHaveAttribute("data-theme", "light");
    const light = await page.evaluate((element) => getComputedStyle(element).color);
    await panel.emulateMedia({ colorScheme: "dark" });
    await expect(page).toHaveAttribute("data-theme", "dark");
    expect(await page.evaluate((element) => getComputedStyle(element).color)).not.toBe(light);
    await panel.getByRole("button", { name: "Account and settings" }).click();
    await panel.getByRole("combobox", { name: "Theme" }).selectOption("light");
    await expect(page).toHaveAttribute("data-theme", "light");
    expect(await page.evaluate((element) => getComputedStyle(element).color)).toBe(light);
  });

  test("the signal is aborted at unmount, and toasts show", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("Api page")).toBeVisible();
    await panel.evaluate(() => window.api.showToast("Saved <b>well</b>", "success"));
    await expect(panel.getByText("Saved <b>well</b>")).toBeVisible();
    expect(await panel.evaluate(() => window.api.signal.aborted)).toBe(false);
    await home(panel).click();
    await expect.poll(() => panel.evaluate(() => window.api.signal.aborted)).toBe(true);
  });

  test("subscribe delivers what happens to the plugin, and its state", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("Api page")).toBeVisible();
    // Once a change came by itself, the live connection is there.
    await host.post("/api/plugins/old/disable");
    await expect(pluginLink(panel, "Old")).toHaveCount(0);
    await host.post("/api/plugins/acme/restart");
    const heard = () => panel.evaluate(() => window.heard);
    const ofState = async () => (await heard()).flatMap((event) => (event.type === "state" ? event.status : []));
    await expect.poll(ofState).toEqual(["stopping", "starting", "running"]);
    const ofLife = async () => (await heard()).flatMap((event) => (event.type === "lifecycle" ? event.event : []));
    expect(await ofLife()).toEqual(["stopped", "restarted"]);
    await host.kill("acme");
    await expect.poll(ofState).toEqual(["stopping", "starting", "running", "backoff"]);
    expect((await heard()).slice(-2)).toMatchObject([
      { type: "lifecycle", event: "crashed", at: expect.stringMatching(/^\d{4}-.*Z$/) },
      { type: "state", status: "backoff" },
    ]);
  });

  test("a path behind the id leaves the page mounted, and navigate leads through the panel only", async ({
    host,
    panel,
  }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme/some/deep/path");
    await expect(panel.getByText("Api page")).toBeVisible();
    await panel.evaluate(() => document.querySelector(".toru-plugin-page")?.setAttribute("data-first", "yes"));
    await panel.getByRole("button", { name: "Dig" }).click();
    await expect(panel.getByText("/view/acme/disks/sda/parts?sort=size")).toBeVisible();
    await panel.evaluate(() => window.api.navigate("/view/acme/one"));
    await expect(panel).toHaveURL(/\/view\/acme\/one$/);
    await panel.evaluate(() => window.api.navigate("/view/acme"));
    await expect(panel).toHaveURL(/\/view\/acme$/);
    await panel.goBack();
    await expect(panel).toHaveURL(/\/view\/acme\/one$/);
    await expect(panel.locator(".toru-plugin-page[data-first=yes]")).toBeVisible();
    for (const path of ["https://example.org/", "//example.org", "javascript:alert(1)"]) {
      const refused = panel.evaluate((path) => window.api.navigate(path), path);
      await expect(refused).rejects.toThrow("is not in the panel");
    }
    await panel.evaluate(() => window.api.navigate("/plugins-manager"));
    await expect(panel).toHaveURL(/\/plugins-manager$/);
    await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
  });
});

test.describe("a bundle that throws", () => {
  test.use(withBundle("throws"));
  const failAt = (panel: Page, where: string) =>
    panel.evaluate((where) => sessionStorage.setItem("failAt", where), where);
  const openPage = async (host: PanelHost, panel: Page, where: string) => {
    await host.reaches("acme", "running");
    await panel.goto("/");
    await failAt(panel, where);
    await pluginLink(panel).click();
  };

  test("in script, mount or async mount: what failed is shown in its place, and a retry works", async ({
    host,
    panel,
  }) => {
    for (const where of ["script", "mount", "async mount"]) {
      await openPage(host, panel, where);
      const failure = panel.getByRole("alert").filter({ hasText: "The page of Acme failed" });
      await expect(failure).toContainText(`Error: broken in ${where}`);
      await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
      await failure.getByText("Details").click();
      await expect(failure.getByRole("region", { name: "Details" })).toContainText("/api/plugins/acme/bundle.js");
      await failure.getByRole("button", { name: "Copy" }).click();
      await expect(panel.getByText("Copied")).toBeVisible();
      // Still broken, then whole.
      await failure.getByRole("button", { name: "Try again" }).click();
      await expect(failure).toContainText(`Error: broken in ${where}`);
      await failAt(panel, "nowhere");
      await failure.getByRole("button", { name: "Try again" }).click();
      await expect(panel.getByText("Fragile page")).toBeVisible();
      await expect(failure).toHaveCount(0);
      await home(panel).click();
      await expect(panel).toHaveURL(/\/$/);
    }
  });

  test("in a promise, a timer or a text later: a bar tells it above the page, and a retry works", async ({
    host,
    panel,
  }) => {
    for (const where of ["promise", "timer", "text"]) {
      await openPage(host, panel, where);
      await expect(panel.getByText(new RegExp(`reported an error: .*broken in ${where}`))).toBeVisible();
      await expect(panel.getByText("Fragile page")).toBeVisible();
      await failAt(panel, "nowhere");
      await panel.getByRole("button", { name: "Try again" }).click();
      await expect(panel.getByText("reported an error")).toHaveCount(0);
      await expect(panel.getByText("Fragile page")).toBeVisible();
    }
  });

  test("in unmount or async unmount: a toast tells it, the page goes away and opens again", async ({ host, panel }) => {
    for (const where of ["unmount", "async unmount"]) {
      await openPage(host, panel, where);
      await expect(panel.getByText("Fragile page")).toBeVisible();
      await home(panel).click();
      await expect(panel.getByText("The page of Acme failed while it was closed")).toBeVisible();
      await expect(panel.getByText(`Error: broken in ${where}`)).toBeVisible();
      await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
      await pluginLink(panel).click();
      await expect(panel.getByText("Fragile page")).toBeVisible();
    }
  });

  test("in a mount that never ends: what it drew shows, and one can leave", async ({ host, panel }) => {
    await openPage(host, panel, "never");
    await expect(panel.getByText("Fragile page")).toBeVisible();
    await home(panel).click();
    await expect(panel.locator("#toru-plugin-outlet")).toHaveCount(0);
    await pluginLink(panel).click();
    await expect(panel.getByText("Fragile page")).toBeVisible();
  });

  test("an error of somebody else is not blamed on the page", async ({ host, panel }) => {
    await openPage(host, panel, "nowhere");
    await expect(panel.getByText("Fragile page")).toBeVisible();
    const thrown = panel.waitForEvent("pageerror");
    await panel.evaluate(() => void setTimeout(() => console.log(Reflect.get({}, "x").y), 0));
    await thrown;
    await expect(panel.getByText("reported an error")).toHaveCount(0);
  });
});

test.describe("bundles that are no page", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.install("v2", "broken");
        await host.installBundle("broken", "const page = {\n  mount(container) {,\n};");
      },
    },
  });

  test("a missing bundle: says what to add, and shows the page once it is there", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(panel.getByText("Acme has no page yet")).toBeVisible();
    await expect(panel.getByText("acme/bundle.js", { exact: true })).toBeVisible();
    await expect(panel.getByText("GET /bundle.js", { exact: true })).toBeVisible();
    await expect(panel.getByRole("link", { name: "Open /plugins/acme" })).toHaveAttribute("href", "/plugins/acme");
    const guide = await panel.getByRole("link", { name: "Guide for page authors" }).getAttribute("href");
    const text = await host.fetch(guide ?? "");
    expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await text.text()).toContain("--toru-surface");
    const example = await panel.getByRole("region", { name: "Example of a page" }).innerText();
    await host.installBundle("acme", example);
    await expect(panel.getByText("Hello from Acme", { exact: true })).toBeVisible();
  });

  test("a script that registers nothing or has a mistake in its syntax, an id that nobody has: says what and where", async ({
    host,
    panel,
  }) => {
    await host.installBundle("acme", await bundle("registers-nothing"));
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    const failure = panel.getByRole("alert");
    await expect(failure).toContainText("registered no page");

    await host.reaches("broken", "running");
    await panel.goto("/view/broken");
    await expect(failure).toContainText("SyntaxError: Unexpected token ','");
    await failure.getByText("Details").click();
    await expect(failure.getByRole("region", { name: "Details" })).toContainText(/bundle\.js\?.*:2:21/);

    await panel.goto("/view/nobody/at/all");
    await expect(panel.getByText("There is no such plugin")).toBeVisible();
  });
});

test.describe("before it runs", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        await host.install("v2", "acme", { behaviour: "bind-late", ms: 4_000 });
        await host.installBundle("acme", await bundle("registered"));
      },
    },
  });

  test("a starting plugin's view says so and turns into the page by itself", async ({ host, panel }) => {
    await host.reaches("acme", "starting");
    await panel.goto("/view/acme");
    await expect(panel.getByText("Acme is starting")).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Registered page" })).toBeVisible();
  });
});

test.describe("styles", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.installBundle("acme", await bundle("hostile"));
        await host.install("v2", "native");
        await host.installBundle("native", (await bundle("native")).replaceAll("acme", "native"));
      },
    },
  });

  /** Place and look of every element of the shell that is on the screen, beside the view itself. */
  const lookOf = (panel: Page) =>
    panel.evaluate(() => {
      const shadow = document.querySelector("#toru")?.shadowRoot;
      const all = [...(shadow?.querySelectorAll("aside, aside *, main") ?? [])];
      return all
        .filter(
          (element) => !element.matches("[aria-current=page], [aria-current=page] *, [data-status], [data-status] *"),
        )
        .map((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          const style = getComputedStyle(element);
          const names = [
            "color",
            "backgroundColor",
            "fontSize",
            "fontFamily",
            "padding",
            "visibility",
            "display",
          ] as const;
          const box = element.tagName === "MAIN" ? [x, y, width] : [x, y, width, height];
          return [element.tagName, ...box, ...names.map((name) => style[name]), style.letterSpacing].join(" ");
        });
    });

  test("hostile styles of a page leave the shell as it is", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("native", "running");
    await panel.emulateMedia({ reducedMotion: "reduce" });
    await panel.goto("/view/native");
    await expect(panel.getByText("Native page")).toBeVisible();
    const before = await lookOf(panel);
    expect(before.length).toBeGreaterThan(20);
    await pluginLink(panel).first().click();
    await expect(panel.locator("#toru-plugin-outlet h2")).toHaveCount(1);
    await pluginLink(panel, "Native").click();
    await expect(panel).toHaveURL(/native$/);
    await panel.mouse.move(900, 700);
    await expect.poll(() => lookOf(panel)).toEqual(before);
    // And what is on top is the shell itself.
    await home(panel).click();
    await expect(panel).toHaveURL(/\/$/);
  });

  test("the shell's styles do not reach a page, the tokens do", async ({ host, panel }) => {
    await host.reaches("native", "running");
    await panel.emulateMedia({ colorScheme: "light" });
    await panel.goto("/view/native");
    const text = panel.getByText("Native page");
    await expect(text).toHaveCSS("color", "rgb(73, 63, 170)");
    await expect(text).toHaveCSS("background-color", "rgb(255, 255, 255)");
    // The browser's own margin of a paragraph, which the shell's reset takes away inside it.
    await expect(text).toHaveCSS("margin-top", "14px");
    const outlet = await panel.locator("#toru-plugin-outlet").boundingBox();
    const main = await panel.getByRole("main").boundingBox();
    expect([outlet?.x, outlet?.width]).toEqual([main?.x, main?.width]);
    expect(outlet?.height).toBeGreaterThan(700);
  });
});

test.describe("many times", () => {
  test.use(withBundle("busy"));

  test("100 mounts and unmounts hold on to no listener, node or memory", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await panel.goto("/");
    await expect(pluginLink(panel)).toBeVisible();
    const cdp = await panel.context().newCDPSession(panel);
    await cdp.send("Performance.enable");
    const cycles = (count: number) =>
      openAndClose(panel, count, { selector: "#toru-plugin-outlet li", text: "Item 0" });
    const measure = async () => {
      await cdp.send("HeapProfiler.collectGarbage");
      await cdp.send("HeapProfiler.collectGarbage");
      const { metrics } = await cdp.send("Performance.getMetrics");
      const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
      return { listeners: value("JSEventListeners"), nodes: value("Nodes"), heap: value("JSHeapUsedSize") };
    };
    await cycles(30);
    const before = await measure();
    await cycles(100);
    const after = await measure();
    // One page alone has 200 listeners, 400 nodes and 160 KB; each visit leaves 3 KB in the router's own history.
    expect(after.listeners - before.listeners).toBeLessThan(50);
    expect(after.nodes - before.nodes).toBeLessThan(200);
    expect(after.heap - before.heap).toBeLessThan(1_500_000);
  });
});
