import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Element, rule and what axe says of it in both themes: enough to find and mend it. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  // Colours are all that the theme changes.
  for (const [colorScheme, rules] of [
    ["light", undefined],
    ["dark", ["color-contrast"]],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const results = await page.evaluate(async (rules) => {
      const { axe } = globalThis as unknown as {
        axe: { run(context: Document, options: object): Promise<AxeResults> };
      };
      return axe.run(document, rules === undefined ? {} : { runOnly: rules });
    }, rules);
    for (const { id, nodes } of results.violations) {
      for (const { target, failureSummary } of nodes) {
        found.push(`${colorScheme}: ${id}: ${target.join(" ")}: ${failureSummary}`);
      }
    }
  }
  return found;
}

/** Whether the page scrolls sideways. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth;
  });
}
