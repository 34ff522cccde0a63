import { expect, test } from "bun:test";
import type { Manifest } from "@toru/core";
import { chmod, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetadataResult } from "../folder/read-metadata.ts";
import type { PluginRunner } from "../life/plugin-runner.ts";
import { ProcessorTurns } from "../resources/processor-turns.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import { type CatalogOptions, PluginCatalog } from "./plugin-catalog.ts";

function manifest(id: string): MetadataResult {
  const known = { id, name: id, version: "1", icon: "🧪", route: `/${id}`, protocol: 2, handles: ["http"] };
  return { ok: true, manifest: known as unknown as Manifest };
}

/** A file that has not changed for long. */
async function install(folder: string, name: string): Promise<void> {
  const file = join(folder, `${name}.binary`);
  await writeFile(file, "");
  await chmod(file, 0o755);
  await utimes(file, 1, 1);
}

type Made = Pick<CatalogOptions, "pluginsDir" | "readMetadata"> & { remove?: () => Promise<void> };

/** A catalog whose runners note that they were started, and end as `remove` does. */
function makeCatalog({ pluginsDir, readMetadata, remove }: Made) {
  const started: string[] = [];
  const catalog = new PluginCatalog({
    pluginsDir,
    rescanIntervalMs: 10,
    lateRetryMs: 20,
    readMetadata,
    turns: new ProcessorTurns({ atOnce: 3, activityOf: () => null }),
    isEnabled: () => true,
    makeRunner: ({ reading }) => {
      if (reading === null || !("manifest" in reading)) throw new Error("nothing is known of it");
      const { id } = reading.manifest;
      const runner = {
        id,
        manifest: reading.manifest,
        live: true,
        state: {},
        dispatch: () => started.push(id),
        remove,
      };
      return runner as unknown as PluginRunner;
    },
    onEntry: () => undefined,
    complain: () => undefined,
    alert: () => undefined,
  });
  return { catalog, started, [Symbol.dispose]: () => catalog[Symbol.dispose]() };
}

test("a plugin starts as soon as all in front of it by name are known, and waits for no file behind it", async () => {
  await using folder = await temporaryFolder();
  const metadata = new Map(["a", "b", "c"].map((name) => [name, Promise.withResolvers<MetadataResult>()]));
  for (const name of metadata.keys()) await install(folder.path, name);
  using made = makeCatalog({
    pluginsDir: folder.path,
    readMetadata: ({ file }) => metadata.get(file.charAt(0))?.promise ?? Promise.reject(new Error(file)),
  });
  const { catalog, started } = made;
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

test("a file that takes the place of one whose plugin still ends is read before anything of it is started", async () => {
  await using folder = await temporaryFolder();
  await install(folder.path, "a");
  const ended = Promise.withResolvers<void>();
  const metadata = [Promise.resolve(manifest("first")), Promise.resolve(manifest("second"))];
  using made = makeCatalog({
    pluginsDir: folder.path,
    readMetadata: () => metadata.shift() ?? Promise.reject(new Error("read once more")),
    remove: () => ended.promise,
  });
  const { catalog, started } = made;
  await catalog.start();
  await until("the first start", () => started.length === 1);
  const file = join(folder.path, "a.binary");
  await unlink(file);
  await until("its removal is seen", () => [...catalog.entries].some(({ gone }) => gone));
  const writer = setInterval(() => void writeFile(file, "another", { mode: 0o755 }), 5); // it is still being copied
  await until("the other is seen", () => [...catalog.entries].some(({ gone }) => !gone));
  ended.resolve();
  await until("the first has ended", () => [...catalog.entries].every(({ runner }) => runner === null));
  await catalog.rescan();
  expect(started).toEqual(["first"]);
  clearInterval(writer);
  await until("the second start", () => started.length === 2);
  expect(started).toEqual(["first", "second"]);
});

test.each(["soon", "later"] as const)(
  "metadata that was not to be had and may be %s is read again, without a change of the file",
  async (mayPass) => {
    await using folder = await temporaryFolder();
    await install(folder.path, "a");
    const refusal: MetadataResult = { ok: false, id: null, reason: "not now", mayPass };
    const results = [refusal, refusal, manifest("first")];
    const readMetadata = () => Promise.resolve(results.shift() ?? refusal);
    using made = makeCatalog({ pluginsDir: folder.path, readMetadata });
    const { catalog, started } = made;
    await catalog.start();
    await until("the start", () => started.length === 1);
    expect(results).toEqual([]);
  },
);
