import { expect, test } from "bun:test";
import { openStorage } from "./open-storage.ts";

const REFUSED: [url: string, reason: RegExp][] = [
  ["postgres://toru:secret@db/toru", /type "postgres" are not supported; use sqlite:<path/],
  ["mysql:x", /type "mysql"/],
  ["./toru.db", /does not start with the name of an engine/],
  ["", /does not start with the name of an engine/],
  ["sqlite:", /names no file/],
  ["sqlite::memory:", /would forget everything/],
  ["sqlite://server/toru.db", /would name a server/],
];

for (const [url, reason] of REFUSED) {
  test(`the URL ${JSON.stringify(url)} is refused, with what is supported`, async () => {
    const error: unknown = await openStorage(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "StorageError", code: "unsupported_url" });
    const message = error instanceof Error ? error.message : "";
    expect(message).toMatch(reason);
    expect(message).toContain("use sqlite:<path");
    expect(message).not.toContain("secret");
  });
}
