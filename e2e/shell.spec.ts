import { expect, test } from "./support/test.ts";

test.use({ hostOptions: { prepare: (host) => host.install("v2", "acme") } });

test("Show enabled plugins: the sidebar has icon, name and state of each", async ({ host, panel }) => {
  await host.reaches("acme", "running");
  await panel.goto("/");
  const link = panel.getByRole("list", { name: "Plugins" }).getByRole("link", { name: "Acme" });
  await expect(link).toContainText("🧪");
  await expect(link).toContainText("Running");
  await expect(link.locator("[data-condition=running]")).toBeVisible();
  await panel.screenshot({ path: "/tmp/shot.png" });
});
