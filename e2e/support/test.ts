import { type BrowserContext, type Page, test as base } from "@playwright/test";
import { PanelHost, type PanelHostOptions } from "./panel-host.ts";

interface Fixtures {
  /** For `test.use({ hostOptions: … })`. */
  hostOptions: PanelHostOptions;
  /** A host of this test's own. */
  host: PanelHost;
  /** A page of a browser in which the admin is signed in; nothing is loaded yet. */
  panel: Page;
}

/** Every test has a host, a browser context and plugins of its own. */
export const test = base.extend<Fixtures>({
  hostOptions: [{}, { option: true }],
  host: async ({ hostOptions }, use) => {
    const host = await PanelHost.start(hostOptions);
    await use(host);
    await host.dispose();
  },
  baseURL: async ({ host }, use) => use(host.url),
  panel: async ({ host, context, page }, use) => {
    await signIn(context, host);
    await use(page);
  },
});

export async function signIn(context: BrowserContext, host: PanelHost): Promise<void> {
  const [name = "", value = ""] = host.cookie.split("=");
  await context.addCookies([{ name, value, url: host.url, httpOnly: true, sameSite: "Strict" }]);
}

export { expect } from "@playwright/test";
