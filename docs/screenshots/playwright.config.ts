import { defineConfig } from "@playwright/test";
import base from "../../e2e/playwright.config.ts";

export default defineConfig(base, {
  testDir: ".",
  testMatch: "*.shots.ts",
  workers: 1,
  timeout: 180_000,
  reporter: [["line"]],
  use: { trace: "off", screenshot: "off", deviceScaleFactor: 1.5 },
});
