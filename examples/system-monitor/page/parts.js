/* oxlint-disable no-unused-vars -- one script is made of the files of this folder */

/** An element with children: strings become text, never HTML. */
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A titled box; `details` stand opposite the title. */
function card(title, details, ...content) {
  const header = element("header", {}, element("h3", {}, title), ...details);
  return element("section", { class: "card", "aria-label": title }, header, ...content);
}

/** Choices of which one is made, operated like any radio buttons. `options` are `[value, short, long]`. */
function choice(legend, options, chosen, onChange) {
  const labels = options.map(([value, short, long]) => {
    const input = element("input", { type: "radio", name: `sysmon-${legend}`, value, "aria-label": long });
    input.checked = value === chosen;
    input.addEventListener("change", () => onChange(value));
    return element("label", { title: long }, input, short);
  });
  return element("fieldset", { "aria-label": legend }, ...labels);
}

/** A name and a number over a bar. */
function bar(name, detail, fraction, isBad = false) {
  const filled = element("i", isBad ? { class: "full" } : {});
  filled.style.width = `${100 * Math.min(1, fraction)}%`;
  const left = element("span", { class: "name" }, name);
  const text = element("span", {}, left, element("span", { class: "detail" }, detail));
  return element("div", { class: "row" }, text, element("span", { class: "bar" }, filled));
}

/** `columns` are `[title, class]`; a cell is a text, or a text and what is shown when a pointer rests on it. */
function table(className, caption, columns, rows) {
  const heads = columns.map(([title, kind]) => element("th", { class: kind, scope: "col" }, title));
  const lines = rows.map((row) => {
    const cells = row.map((cell, index) => {
      const [text, hint] = [cell].flat();
      return element("td", { class: columns[index][1], title: hint ?? text }, text);
    });
    return element("tr", {}, ...cells);
  });
  const parts = [element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...lines)];
  return element("table", { class: className, "aria-label": caption }, ...parts);
}
