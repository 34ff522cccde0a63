import { Glob } from "bun";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostTranslator } from "./host-text.ts";
import { en } from "./messages/en/index.ts";
import { pl } from "./messages/pl/index.ts";

const PACKAGES = join(import.meta.dirname, "../../../../packages");
/** A shorter piece between two names says nothing about where it comes from. */
const MIN_PIECE_CHARACTERS = 4;

const inPolish = hostTranslator(en.host, pl.host);

test("a text of the host is said in the panel's language, with what changes in it", () => {
  expect(inPolish("it did not listen on its socket within 10 s")).toBe(
    "nie zaczęła nasłuchiwać na swoim gnieździe w ciągu 10 s",
  );
  expect(inPolish("it is not executable; run: chmod +x /srv/plugins/a b.binary")).toBe(
    "plik nie jest wykonywalny; wykonaj: chmod +x /srv/plugins/a b.binary",
  );
});

test("a text that holds others is said with all of them", () => {
  expect(inPolish("it was disabled: it crashed 10 times in a row, the last time: exited with code 3")).toBe(
    "została wyłączona: awarie z rzędu: 10, ostatnio: zakończona kodem 3",
  );
  expect(inPolish("no answer to a ping: the plugin did not answer within 5 s")).toBe(
    "brak odpowiedzi na ping: wtyczka nie odpowiedziała w ciągu 5 s",
  );
  expect(
    inPolish("it crashed (killed by SIGSEGV (it touched memory that is not its own)) and will be started again"),
  ).toBe("uległa awarii (zakończona sygnałem SIGSEGV (sięgnęła do nieswojej pamięci)) i zostanie uruchomiona ponownie");
});

test("each wrong field of a manifest is said by itself", () => {
  expect(
    inPolish('invalid manifest: id: is reserved for the host; choose another id; name: is missing; foo: "bar"'),
  ).toBe('nieprawidłowy manifest: id: zastrzeżone dla hosta; wybierz inne id; name: brakuje; foo: "bar"');
});

test("what no phrase fits, and what a plugin printed, stays", () => {
  expect(inPolish("the moon is full")).toBe("the moon is full");
  expect(inPolish("--metadata exited with code 1: ImportError: no module named foo\nat line 3")).toBe(
    "--metadata zakończyło się kodem 1: ImportError: no module named foo\nat line 3",
  );
});

test("the host's own language is left alone", () => {
  expect(hostTranslator(en.host, en.host)("it is starting again")).toBe("it is starting again");
});

test("the host says every phrase in these very words", () => {
  const sources = ["core", "supervisor", "http"].flatMap((name) =>
    [...new Glob("**/*.ts").scanSync(join(PACKAGES, name, "src"))]
      .filter((file) => !file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(PACKAGES, name, "src", file), "utf8")),
  );
  const isSaid = (piece: string) => sources.some((source) => source.includes(piece));
  const unsaid = Object.values<string>(en.host)
    .flatMap((phrase) => phrase.split(/\{\w+\}/))
    // The host puts these two together out of parts.
    .map((piece) =>
      piece
        .replace(/^--metadata (?=exited|was)/, "")
        .replaceAll(/^"|"$/g, "")
        .trim(),
    )
    .filter((piece) => piece.length >= MIN_PIECE_CHARACTERS && !isSaid(piece));
  expect(unsaid).toEqual([]);
});
