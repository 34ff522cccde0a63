import { gzipSync } from "node:zlib";
import { expect, test } from "./support/test.ts";

/** Of JavaScript before a plugin is opened, gzipped. */
const MAX_BYTES = 200 * 1024;

test.use({ hostOptions: { prepare: (host) => host.install("v2", "acme") } });

test("the first page takes less than 200 KB of JavaScript, gzipped", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  const sizes = new Map<string, Promise<number>>();
  panel.on("response", (response) => {
    const type = response.headers()["content-type"] ?? "";
    if (type.includes("javascript"))
      sizes.set(
        response.url(),
        response.body().then((body) => gzipSync(body).length),
      );
  });
  await panel.goto("/");
  await expect(
    panel.getByRole("navigation").getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" }),
  ).toBeVisible();
  await expect(panel.getByRole("heading", { name: "Latest events" })).toBeVisible();
  await expect(panel.getByRole("heading", { name: "Server" })).toBeVisible();
  const bytes = (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(50 * 1024);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

test("the panel's pages write nothing into the console and break no rule of their policy", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  const messages: string[] = [];
  panel.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) messages.push(message.text());
  });
  panel.on("pageerror", (error) => messages.push(String(error)));
  for (const path of ["/", "/plugins-manager", "/events", "/account", "/logs/acme", "/plugins-manager?plugin=acme"]) {
    await panel.goto(path);
    await expect(panel.getByRole("heading").first()).toBeVisible();
    await expect(panel.getByText("Loading …")).toHaveCount(0);
  }
  expect(messages).toEqual([]);
});
