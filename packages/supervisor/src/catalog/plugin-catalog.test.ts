import { expect, test } from "bun:test";
import type { Manifest } from "@toru/core";
import { chmod, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetadataResult } from "../folder/read-metadata.ts";
import type { PluginRunner } from "../life/plugin-runner.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import { PluginCatalog } from "./plugin-catalog.ts";

function manifest(id: string): MetadataResult {
  const known = { id, name: id, version: "1", icon: "🧪", route: `/${id}`, protocol: 2, handles: ["http"] };
  return { ok: true, manifest: known as unknown as Manifest };
}

test("a plugin starts as soon as all in front of it by name are known, and waits for no file behind it", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a", "b", "c"]) {
    const file = join(folder.path, `${name}.binary`);
    await writeFile(file, "");
    await chmod(file, 0o755);
    await utimes(file, 1, 1);
  }
  const metadata = new Map(["a", "b", "c"].map((name) => [name, Promise.withResolvers<MetadataResult>()]));
  const started: string[] = [];
  using catalog = new PluginCatalog({
    pluginsDir: folder.path,
    rescanIntervalMs: 10,
    readMetadata: ({ file }) => metadata.get(file.charAt(0))?.promise ?? Promise.reject(new Error(file)),
    isEnabled: () => true,
    makeRunner: ({ reading }) => {
      if (reading === null || !("manifest" in reading)) throw new Error("nothing is known of it");
      const { id } = reading.manifest;
      const runner = { id, manifest: reading.manifest, live: true, state: {}, dispatch: () => started.push(id) };
      return runner as unknown as PluginRunner;
    },
    onEntry: () => undefined,
    complain: () => undefined,
    alert: () => undefined,
  });
  await catalog.start();
  metadata.get("a")?.resolve(manifest("first"));
  await until("the first start", () => started.length === 1);
  metadata.get("c")?.resolve(manifest("second")); // loses its id to the file in front of it
  await until("the metadata of the last", () =>
    [...catalog.entries].some(({ file, reading }) => file.file === "c.binary" && reading !== null),
  );
  expect(started).toEqual(["first"]);
  metadata.get("b")?.resolve(manifest("second"));
  await until("the second start", () => catalog.byId("second")?.runner !== null && started.length === 2);
  expect(catalog.byId("second")?.file.file).toBe("b.binary");
});
