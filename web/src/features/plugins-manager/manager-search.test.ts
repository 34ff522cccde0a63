import { expect, test } from "bun:test";
import { type ManagerSearch, parseManagerSearch } from "./manager-search.ts";

test("an address keeps what is known", () => {
  const search: ManagerSearch = { q: "a b", show: "problems", sort: "cpu", order: "asc", plugin: "x", tab: "logs" };
  expect(parseManagerSearch({ ...search })).toEqual(search);
});

test("what is empty, unknown or of another kind is left out", () => {
  const given = { q: "", show: "all", sort: "size", order: 1, plugin: ["x"], tab: undefined, other: "x" };
  expect(parseManagerSearch(given)).toEqual({});
});
