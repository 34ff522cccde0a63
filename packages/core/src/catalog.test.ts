import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { findCollisions, routeKey, type Candidate } from "./catalog.ts";

function candidate(file: string, id: string, route: string, flags: Partial<Candidate> = {}): Candidate {
  const manifest: Candidate["manifest"] = {
    id,
    name: id,
    version: "1",
    icon: "shield",
    route,
    protocol: 2,
    handles: [],
  };
  return { file, manifest, live: false, enabled: true, ...flags };
}

const losers = (...candidates: Candidate[]) => [...findCollisions(candidates).keys()];

describe("findCollisions", () => {
  test("files of different id and route do not collide", () => {
    expect(losers(candidate("a", "a", "/a"), candidate("b", "b", "/b"))).toEqual([]);
  });

  test("of one id the first by file name wins, and the reason names it", () => {
    const collisions = findCollisions([candidate("b", "x", "/b"), candidate("a", "x", "/a")]);
    expect(collisions.get("b")).toEqual({
      file: "b",
      id: "x",
      reason: 'id "x" is already used by a; change one of the two',
    });
    expect(collisions.size).toBe(1);
  });

  test("a running plugin keeps id and route against a file that sorts in front of it", () => {
    const live = candidate("z", "x", "/r", { live: true });
    expect(losers(candidate("a", "x", "/other"), live)).toEqual(["a"]);
    expect(losers(candidate("a", "y", "/r"), live)).toEqual(["a"]);
  });

  test("routes that differ only in case are one route, ids are not one id", () => {
    const collisions = findCollisions([candidate("a", "a", "/Acme"), candidate("b", "A", "/aCME")]);
    expect(collisions.get("b")?.reason).toBe('route "/aCME" is already used by a; change one of the two');
    expect(collisions.size).toBe(1);
  });

  test("a disabled plugin holds its id but no route", () => {
    const off = candidate("a", "a", "/r", { enabled: false });
    expect(losers(off, candidate("b", "b", "/r"))).toEqual([]);
    expect(losers(off, candidate("b", "a", "/s"))).toEqual(["b"]);
    expect(losers(candidate("0", "b", "/r"), off)).toEqual([]);
  });

  test("what lost its id takes no route from others", () => {
    const files = [candidate("a", "x", "/a"), candidate("b", "x", "/b"), candidate("c", "c", "/b")];
    expect(losers(...files)).toEqual(["b"]);
  });
});

describe("for any folder of files", () => {
  const entry = fc.record({
    id: fc.constantFrom("a", "b", "c", "A"),
    route: fc.constantFrom("/r", "/R", "/s", "/S", "/t"),
    live: fc.boolean(),
    enabled: fc.boolean(),
  });
  const folder = fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 8 })
    .chain((files) =>
      fc
        .array(entry, { minLength: files.length, maxLength: files.length })
        .map((entries) =>
          entries.map(({ id, route, live, enabled }, index) =>
            candidate(files[index] ?? "", id, route, { live, enabled }),
          ),
        ),
    );
  const reordered = folder.chain((files) =>
    fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
  );

  test("each id has one holder, each route of enabled plugins has one", () => {
    fc.assert(
      fc.property(folder, (files) => {
        const collisions = findCollisions(files);
        const left = files.filter(({ file }) => !collisions.has(file));
        const ids = left.map(({ manifest }) => manifest.id);
        const routes = left.filter(({ enabled }) => enabled).map(({ manifest }) => routeKey(manifest.route));
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(routes).size).toBe(routes.length);
      }),
    );
  });

  test("the result does not depend on the order in which files are found", () => {
    fc.assert(
      fc.property(reordered, ([files, shuffled]) => {
        expect(new Map(findCollisions(shuffled))).toEqual(new Map(findCollisions(files)));
      }),
    );
  });

  test("who loses loses to a file with the same id or route that runs, or sorts in front of it", () => {
    fc.assert(
      fc.property(folder, (files) => {
        for (const { file } of findCollisions(files).values()) {
          const loser = files.find((other) => other.file === file);
          const rivals = files.filter((other) => other.file !== file && loser !== undefined && beats(other, loser));
          expect(rivals.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  function beats(other: Candidate, loser: Candidate): boolean {
    const sameRoute =
      other.enabled && loser.enabled && routeKey(other.manifest.route) === routeKey(loser.manifest.route);
    if (other.manifest.id !== loser.manifest.id && !sameRoute) return false;
    return other.live === loser.live ? other.file < loser.file : other.live;
  }
});
