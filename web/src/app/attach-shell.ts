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
  protectVariables(shell);
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

/**
 * The variables of the shell rest on its host element, which styles of the document reach too. Among important
 * declarations those from inside win.
 */
function protectVariables({ cssRules }: CSSStyleSheet | CSSGroupingRule): void {
  for (const rule of cssRules) {
    if (rule instanceof CSSGroupingRule) protectVariables(rule);
    if (!(rule instanceof CSSStyleRule) || !rule.selectorText.includes(":host")) continue;
    for (const name of [...rule.style].filter((name) => name.startsWith("--"))) {
      rule.style.setProperty(name, rule.style.getPropertyValue(name), "important");
    }
  }
}
