import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, Page } from "@playwright/test";
import type { PluginApi } from "@toru/page";
import type { PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

declare global {
  interface Window {
    api: PluginApi;
  }
}

const bundle = (name: string) => readFile(join(import.meta.dirname, "bundles", `${name}.js`), "utf8");
const outlet = (panel: Page) => panel.locator("#toru-plugin-outlet");
const content = (panel: Page) => panel.frameLocator("#toru-plugin-outlet iframe");
const home = (panel: Page) => panel.getByRole("link", { name: "Home", exact: true });

/** Where the bundle runs. */
function frameOf(panel: Page): Frame {
  const frame = panel.frames().find((frame) => frame.url().includes("/isolated-page.html"));
  if (frame === undefined) throw new Error("no isolated page is open");
  return frame;
}

const isolated = async (host: PanelHost, id: string, script: string) => {
  await host.install("v2", id, { metadata: { isolation: "iframe" } });
  await host.installBundle(id, script);
};

test.describe("an isolated page", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        const unmount = `unmount() { return window.api.kv.set("left", "aborted " + window.api.signal.aborted); }`;
        await isolated(host, "acme", (await bundle("api")).replace("unmount() {}", unmount));
        await isolated(host, "module", (await bundle("module")).replaceAll("acme", "module"));
      },
    },
  });

  test("has the api of any page, is mounted, and unmounted before its frame goes", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    expect((await host.plugin("acme")).isolation).toBe("iframe");
    await panel.emulateMedia({ colorScheme: "light" });
    await panel.goto("/view/acme/some/deep?path=1");
    await expect(content(panel).getByText("admin is admin")).toBeVisible();
    const frame = frameOf(panel);
    expect(await frame.evaluate(() => [self.origin, location.hash])).toEqual(["null", "#some/deep?path=1"]);
    const [inside, main] = [await outlet(panel).boundingBox(), await panel.getByRole("main").boundingBox()];
    expect([inside?.x, inside?.width]).toEqual([main?.x, main?.width]);
    expect(inside?.height).toBeGreaterThan(700);

    await test.step("fetch", async () => {
      const seen = await frame.evaluate(async () => {
        const { api } = window;
        const echo = await api.fetch("/x?y=1", { headers: { "x-own": "1" } });
        const seen = (await echo.json()) as { path: string; headers: Record<string, string> };
        const body = new Uint8Array([0, 255, 128]);
        const bytes = await api.fetch("/echo-bytes", { method: "POST", body, headers: { "content-type": "a/b" } });
        const large = await api.fetch("/large?bytes=3000000");
        const cancel = new AbortController();
        const cut = api.fetch("/hang", { signal: cancel.signal }).catch((error: Error) => error.name);
        setTimeout(() => cancel.abort(), 50);
        const out = ["../other", "/../../api/auth/me", "\\..\\..\\api", "%2e%2e/%2E%2E/api/auth/me"];
        const refused = out.map(async (path) => api.fetch(path).catch((error: Error) => error.name));
        return {
          echo: [echo.status, echo.headers.get("content-type"), seen.path, seen.headers["x-own"]],
          bytes: [bytes.headers.get("content-type"), ...new Uint8Array(await bytes.arrayBuffer())],
          large: (await large.text()).length,
          status: (await api.fetch("/status/404")).status,
          empty: (await api.fetch("/status/204")).status,
          cut: await cut,
          refused: await Promise.all(refused),
          absolute: ((await (await api.fetch(`${location.origin}/api/auth/me`)).json()) as { path: string }).path,
        };
      });
      expect(seen).toEqual({
        echo: [200, "application/json", "/acme/x?y=1", "1"],
        bytes: ["a/b", 0, 255, 128],
        large: 3_000_000,
        status: 404,
        empty: 204,
        cut: "AbortError",
        refused: ["TypeError", "TypeError", "TypeError", "TypeError"],
        absolute: `/acme/${host.url}/api/auth/me`,
      });
    });

    await test.step("kv, user and toasts", async () => {
      const seen = await frame.evaluate(async () => {
        const { kv, user } = window.api;
        window.api.showToast("Saved <b>well</b>", "success");
        await kv.set("a:1", "ü");
        const refused = await kv.set("", "x").catch((error: Error & { status: number }) => error.status);
        const listed = await kv.list({ prefix: "a:", limit: 1 });
        return { value: await kv.get("a:1"), gone: await kv.get("b"), listed, refused, user };
      });
      expect(seen).toEqual({
        value: "ü",
        gone: null,
        listed: { keys: ["a:1"], more: false },
        refused: 400,
        user: { username: "admin", role: "admin" },
      });
      await expect(panel.getByText("Saved <b>well</b>")).toBeVisible();
    });

    await test.step("theme", async () => {
      const page = content(panel).locator(".toru-plugin-page");
      await expect(page).toHaveAttribute("data-theme", "light");
      const light = await page.evaluate((element) => getComputedStyle(element).color);
      await panel.emulateMedia({ colorScheme: "dark" });
      await expect(page).toHaveAttribute("data-theme", "dark");
      expect(await page.evaluate((element) => getComputedStyle(element).color)).not.toBe(light);
    });

    await test.step("navigate", async () => {
      await content(panel).getByRole("button", { name: "Dig" }).click();
      await expect(panel).toHaveURL(/\/view\/acme\/disks\/sda\/parts\?sort=size$/);
      expect(await frame.evaluate(() => location.hash)).toBe("#disks/sda/parts?sort=size");
      await panel.goBack();
      await expect(panel).toHaveURL(/\/view\/acme\/some\/deep\?path=1$/);
      await expect.poll(() => frame.evaluate(() => location.hash)).toBe("#some/deep?path=1");
      for (const path of ["/plugins-manager", "/view/acme2", "../module", "https://example.org/", "javascript:1"]) {
        await expect(frame.evaluate((path) => window.api.navigate(path), path)).rejects.toThrow("own view");
      }
    });

    await test.step("subscribe", async () => {
      await host.post("/api/plugins/acme/restart");
      const heard = () => frame.evaluate(() => (window as unknown as { heard: { event: string }[] }).heard);
      await expect.poll(async () => (await heard()).map(({ event }) => event)).toContain("restarted");
    });

    await test.step("unmount", async () => {
      await home(panel).click();
      await expect(panel.locator("iframe")).toHaveCount(0);
      const kept = await (await host.post("/api/plugins/acme/kv", { action: "get", key: "left" })).json();
      expect(kept).toEqual({ value: "aborted true" });
    });
  });

  test("may be an ES module, and comes and goes as often as it is opened", async ({ host, panel }) => {
    await host.reaches("module", "running");
    await panel.goto("/view/module");
    for (const _ of [1, 2, 3]) {
      await expect(content(panel).getByText("Module page")).toBeVisible();
      await home(panel).click();
      await expect(panel.locator("iframe")).toHaveCount(0);
      await panel.goBack();
    }
  });
});

test.describe("an isolated bundle that throws", () => {
  // The address says where: it is all that the page has before it is mounted.
  const throwing = async () =>
    (await bundle("throws")).replace('sessionStorage.getItem("failAt")', "decodeURI(location.hash.slice(1))");
  test.use({ hostOptions: { prepare: async (host) => isolated(host, "acme", await throwing()) } });
  const retryAt = async (panel: Page, where: string) => {
    await panel.evaluate((where) => history.replaceState(history.state, "", `/view/acme/${where}`), where);
    await panel.getByRole("button", { name: "Try again" }).click();
  };

  test("shows what failed in its place or above it, as any page does, and a retry works", async ({ host, panel }) => {
    const failure = panel.getByRole("alert").filter({ hasText: "The page of Acme failed" });
    await host.reaches("acme", "running");
    await panel.goto("/view/acme/script");
    for (const where of ["script", "mount", "async mount"]) {
      if (where !== "script") await retryAt(panel, where);
      await expect(failure).toContainText(`Error: broken in ${where}`);
      await expect(outlet(panel)).toHaveCount(0);
      await failure.getByText("Details").click();
      await expect(failure.getByRole("region", { name: "Details" })).toContainText("/api/plugins/acme/bundle.js:");
    }
    await retryAt(panel, "timer");
    await expect(panel.getByText(/reported an error: .*broken in timer/)).toBeVisible();
    await expect(content(panel).getByText("Fragile page")).toBeVisible();
    await retryAt(panel, "async unmount");
    await expect(panel.getByText("reported an error")).toHaveCount(0);
    await expect(content(panel).getByText("Fragile page")).toBeVisible();
    await home(panel).click();
    await expect(panel.getByText("Error: broken in async unmount")).toBeVisible();
    await expect(panel.locator("iframe")).toHaveCount(0);
  });

  test("an unmount that never ends does not keep the frame", async ({ host, panel }) => {
    const script = `ToruPlugins.acme = { mount(page) { page.textContent = "Stays"; }, unmount: () => new Promise(() => {}) };`;
    await host.installBundle("acme", script);
    await host.reaches("acme", "running");
    await panel.goto("/view/acme");
    await expect(content(panel).getByText("Stays")).toBeVisible();
    await home(panel).click();
    await expect(outlet(panel)).toHaveCount(0);
    await expect(panel.locator("iframe")).toHaveCount(0);
  });
});

/** Answers everything with a redirect into the host's API. */
const REDIRECTING = `#!/usr/bin/env python3
import json, os, socket, struct, sys
from datetime import datetime, timezone

if "--metadata" in sys.argv:
    print(json.dumps({"id": "evil", "name": "Evil", "version": "1", "icon": "bug", "route": "/evil", "protocol": 2, "isolation": "iframe"}))
    sys.exit()
server = socket.socket(socket.AF_UNIX)
server.bind(os.environ["TORU_PLUGIN_SOCKET"])
server.listen()
connection = server.accept()[0].makefile("rwb")
while header := connection.read(4):
    message = json.loads(connection.read(struct.unpack(">I", header)[0]))
    payload = message["payload"]
    if payload.get("action") == "shutdown":
        sys.exit()
    if payload.get("action"):
        answer = {"action": "ready" if payload["action"] == "init" else "pong", "features": []}
    elif payload.get("path") == "/bundle.js":
        answer = {"status": 404, "headers": {}, "body": ""}
    else:
        answer = {"status": 307, "headers": {"location": "/api/plugins/acme/disable"}, "body": ""}
    now = datetime.now(timezone.utc).isoformat()
    reply = json.dumps({"type": message["type"], "timestamp": now, "request_id": message["request_id"], "payload": answer}).encode()
    connection.write(struct.pack(">I", len(reply)) + reply)
    connection.flush()
`;

test.describe("a hostile isolated page", () => {
  test.use({
    hostOptions: {
      prepare: async (host) => {
        await host.install("v2", "acme");
        await host.installText("evil.binary", REDIRECTING);
        await host.installBundle("evil", await bundle("isolated-hostile"));
      },
    },
  });

  test("reads nothing of the panel, and does nothing as the admin who opened it", async ({ host, panel }) => {
    await host.reaches("acme", "running");
    await host.reaches("evil", "running");
    const requests: string[] = [];
    panel.on("requestfinished", (request) => requests.push(request.url()));
    await panel.goto("/view/evil");
    const told = content(panel).locator("#told");
    await expect(told).toContainText("done", { timeout: 20_000 });
    expect(JSON.parse((await told.textContent()) ?? "")).toEqual({
      origin: "null",
      cookie: "SecurityError",
      "set cookie": "SecurityError",
      storage: "SecurityError",
      session: "SecurityError",
      databases: "SecurityError",
      caches: "SecurityError",
      "service worker": "SecurityError",
      "panel's document": "SecurityError",
      "panel's address": "SecurityError",
      "panel's globals": "SecurityError",
      "lead the panel away": "SecurityError",
      "own element": "null",
      popup: "null",
      eval: "EvalError",
      read: "TypeError",
      manage: "TypeError",
      "manage blindly": "TypeError",
      "ask elsewhere": "TypeError",
      request: "error",
      events: "error",
      socket: "error",
      worker: "TypeError",
      image: "error",
      script: "error",
      frame: "blocked",
      form: "form-action",
      "redirected fetch": "TypeError",
      "fetch outside": "TypeError",
      "navigate outside": "TypeError",
      "raw fetch outside": "refused",
      "raw fetch of another kind": "refused",
      "raw kv": "refused",
      "too many calls": "refused",
      done: "yes",
    });
    await expect(panel).toHaveURL(/\/view\/evil$/);
    expect(requests.filter((url) => /acme\/disable|\?evil/.test(url))).toEqual([]);
    expect(await host.plugin("acme")).toMatchObject({ enabled: true, status: "running" });
    expect((await panel.request.get("/api/auth/me")).status()).toBe(200);

    // What it makes of its frame is its own affair; the panel gives nothing to what it has become.
    await content(panel).getByRole("button", { name: "Leave" }).click();
    await expect(panel.getByRole("alert")).toContainText("it has left its frame");
    await expect(panel.locator("iframe")).toHaveCount(0);
    await panel.getByRole("button", { name: "Try again" }).click();
    await content(panel).getByRole("button", { name: "Flood" }).click();
    await expect(panel.getByRole("alert")).toContainText("messages in a second");
    await home(panel).click();
    await expect(panel).toHaveURL(/\/$/);
  });
});
