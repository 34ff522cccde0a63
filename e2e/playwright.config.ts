import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../.cache/e2e",
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second try has failed.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Warsaw",
    launchOptions: {
      ...(process.env["TORU_CHROMIUM"] && { executablePath: process.env["TORU_CHROMIUM"] }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    // `--trace retain-on-failure` shows every step of a failed test; recording costs a third of the time.
    trace: "off",
    screenshot: "only-on-failure",
  },
});
