import type { Page } from "@playwright/test";

/** What a plugin's page has in it once it is complete. */
interface Content {
  selector: string;
  text: string;
}

/**
 * Opens the page of the plugin `acme` so many times, each until it is complete, and goes home again until it is gone. In the
 * browser itself: clicks from here would take most of the time.
 */
export async function openAndClose(panel: Page, count: number, content: Content): Promise<void> {
  await panel.evaluate(
    async ({ count, selector, text }) => {
      const shadow = document.querySelector("#toru")?.shadowRoot;
      const click = (path: string) => shadow?.querySelector<HTMLElement>(`nav a[href="${path}"]`)?.click();
      const until = async (isTrue: () => boolean) => {
        while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 4));
      };
      const shown = () => document.querySelector(selector);
      for (let cycle = 0; cycle < count; cycle += 1) {
        click("/view/acme");
        await until(() => shown()?.textContent.includes(text) === true);
        click("/");
        await until(() => shown() === null);
      }
    },
    { count, ...content },
  );
}
