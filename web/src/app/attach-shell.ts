import documentStyles from "#shared/styles/document.css?inline";
import shellStyles from "#shared/styles/shell.css?inline";
import tokens from "#shared/styles/tokens.css?inline";

/**
 * The shell lives in a shadow root, so that no style of a plugin reaches it; the page of a plugin stays in the ordinary
 * document, where scripts find their elements, and shows through a slot.
 */
export function attachShell(host: HTMLElement): HTMLElement {
  const shadow = host.attachShadow({ mode: "open" });
  const shell = new CSSStyleSheet();
  shell.replaceSync(shellStyles);
  shadow.adoptedStyleSheets = [shell];

  const outer = new CSSStyleSheet();
  outer.replaceSync(documentStyles + tokens + propertiesOf(shell));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, outer];

  const container = document.createElement("div");
  shadow.append(container);
  return container;
}

/** Browsers take `@property` from the document's own styles only, and Tailwind's shadows and rings rest on them. */
function propertiesOf(sheet: CSSStyleSheet): string {
  return [...sheet.cssRules]
    .filter((rule) => rule instanceof CSSPropertyRule)
    .map((rule) => rule.cssText)
    .join("");
}
