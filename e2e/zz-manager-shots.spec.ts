import { expect, test } from "./support/test.ts";
test.use({ hostOptions: { env: { TORU_BACKOFF_BASE_MS: "60000" }, prepare: async (host) => {
  await host.install("v2", "acme", { version: "2.3.4", metadata: { name: "Certificates", icon: "shield", author: "Ada Lovelace", description: "Keeps certificates fresh and tells when one is about to end.", homepage: "https://example.org", license: "MIT" } });
  await host.install("v2", "backup", { metadata: { name: "Backup", icon: "hard-drive" } });
  await host.install("v2", "weather", { metadata: { name: "Weather with a rather long name", icon: "🌦️" } });
  await host.install("v2", "notes", { metadata: { name: "Notes", icon: "file-text" } });
  await host.installText("broken.binary", "#!/bin/sh\necho this is no JSON\n");
} } });
test("shots", async ({ host, panel }) => {
  test.setTimeout(120000);
  for (const id of ["acme", "backup", "weather", "notes"]) await host.reaches(id, "running");
  await host.post("/api/plugins/notes/disable");
  for (let i = 0; i < 12; i++) { await host.fetch("/plugins/acme/large?bytes=9000000").then((r) => r.arrayBuffer()); await new Promise((r) => setTimeout(r, 1500)); }
  await host.fetch("/plugins/backup/stderr?lines=12&text=" + encodeURIComponent("Traceback: could not open /srv/backup: [Errno 5] Input/output error"));
  await host.kill("backup");
  await panel.goto("/plugins-manager");
  await expect(panel.getByText("Crashed").first()).toBeVisible();
  for (const [w, h] of [[360, 740], [768, 1024], [1440, 900]] as const)
    for (const colorScheme of ["light", "dark"] as const) {
      await panel.setViewportSize({ width: w, height: h });
      await panel.emulateMedia({ colorScheme });
      await panel.goto("/plugins-manager");
      await expect(panel.getByText("Certificates").last()).toBeVisible();
      await panel.waitForTimeout(700);
      await panel.screenshot({ path: `/tmp/pm-${w}-${colorScheme}.png` });
      await panel.goto("/plugins-manager?plugin=backup");
      await expect(panel.getByRole("region", { name: "Backup crashed" })).toBeVisible();
      await panel.waitForTimeout(500);
      await panel.screenshot({ path: `/tmp/pm-${w}-${colorScheme}-crash.png` });
      await panel.goto("/plugins-manager?plugin=acme");
      await panel.waitForTimeout(700);
      await panel.screenshot({ path: `/tmp/pm-${w}-${colorScheme}-details.png` });
    }
  await panel.evaluate(() => localStorage.setItem("toru.locale", '"pl"'));
  await panel.goto("/plugins-manager");
  await panel.waitForTimeout(700);
  await panel.screenshot({ path: `/tmp/pm-pl.png` });
});
