import { expect, test } from "bun:test";
import { createTranslator } from "use-intl/core";
import { en } from "./messages/en/index.ts";
import { pl } from "./messages/pl/index.ts";

type Texts = { [key: string]: string | Texts };

function flatten(texts: Texts, prefix = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  );
}

/** The names in braces outside the branches of a plural. */
function parametersOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\s*[,}]/g)].map(([, name]) => name ?? ""))].sort();
}

const english = flatten(en);
const polish = new Map(flatten(pl));

test("no text is missing or left over in Polish", () => {
  expect([...polish.keys()].sort()).toEqual(english.map(([key]) => key).sort());
});

test("every text has words, and the same parameters in both languages", () => {
  for (const [key, text] of english) {
    const translated = polish.get(key) ?? "";
    expect([key, translated.trim() !== "", text.trim() !== ""]).toEqual([key, true, true]);
    expect([key, parametersOf(translated)]).toEqual([key, parametersOf(text)]);
  }
});

test("every text can be formatted, for all forms that a number takes in its language", () => {
  for (const [locale, messages] of [
    ["en", en],
    ["pl", pl],
  ] as const) {
    const faults: string[] = [];
    const onError = (error: Error) => faults.push(error.message);
    const translate = createTranslator({ locale, messages: messages as typeof en, onError }) as unknown as {
      rich(key: string, values: Record<string, unknown>): unknown;
    };
    for (const [key, text] of flatten(messages)) {
      for (const count of [0, 1, 2, 5, 22, 1.5]) {
        const values = Object.fromEntries(
          parametersOf(text).map((name) => [name, /plural|number/.test(text) ? count : "x"]),
        );
        const tags = Object.fromEntries(
          [...text.matchAll(/<(\w+)>/g)].map(([, tag]) => [tag, (part: unknown) => part]),
        );
        translate.rich(key, { ...values, ...tags });
      }
    }
    expect(faults).toEqual([]);
  }
});

test("Polish plurals have all the forms of Polish", () => {
  for (const [key, text] of polish) {
    if (!text.includes(", plural,")) continue;
    for (const form of ["one {", "few {", "many {", "other {"]) expect([key, text.includes(form)]).toEqual([key, true]);
  }
});
