import type { PluginPage } from "./index.ts";

/**
 * Registers a page under its plugin's id. Its styles are in the document while it is mounted, and at no other time. The Vite
 * preset calls it.
 */
export function registerPage(id: string, page: PluginPage, styles: string): void {
  window.ToruPlugins ??= {};
  window.ToruPlugins[id] = styles === "" ? page : withStyles(page, styles);
}

function withStyles(page: PluginPage, styles: string): PluginPage {
  const sheets = new Map<HTMLElement, CSSStyleSheet>();
  return {
    mount(container, api) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      sheets.set(container, sheet);
      document.adoptedStyleSheets.push(sheet);
      return page.mount(container, api);
    },
    unmount(container) {
      const sheet = sheets.get(container);
      sheets.delete(container);
      try {
        return page.unmount?.(container);
      } finally {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== sheet);
      }
    },
  };
}
