import { expect, test } from "bun:test";
import { EVENT_TYPES } from "#shared/events/event-types.ts";
import { parseEventsSearch, textOfTypes, typesOf } from "./events-search.ts";

test("an address keeps a plugin and known types", () => {
  expect(parseEventsSearch({ plugin: "acme", type: "crashed" })).toEqual({ plugin: "acme", type: "crashed" });
  expect(typesOf("stopped,crashed,stopped,burnt")).toEqual(["stopped", "crashed"]);
});

test("what is refused is said to be undefined", () => {
  const refused = { plugin: undefined, type: undefined };
  expect(parseEventsSearch({ plugin: "", type: "burnt" })).toStrictEqual(refused);
  expect(parseEventsSearch({ plugin: ["x"], type: 3 })).toStrictEqual(refused);
  expect(parseEventsSearch({ plugin: "x".repeat(65) })).toStrictEqual(refused);
  expect(parseEventsSearch({})).toStrictEqual(refused);
});

test("all types are no filter", () => {
  expect(textOfTypes([...EVENT_TYPES])).toBeUndefined();
  expect(textOfTypes([])).toBeUndefined();
});
