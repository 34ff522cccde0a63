import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { EnabledPlugins } from "./enabled-plugins.ts";

interface Folder extends AsyncDisposable {
  path: string;
  complaints: string[];
  load(): Promise<EnabledPlugins>;
  /** What `config.json` holds. */
  stored(): Promise<unknown>;
}

async function pluginsFolder(config?: string): Promise<Folder> {
  const folder = await temporaryFolder();
  const file = join(folder.path, ".metadata", "config.json");
  if (config !== undefined) {
    await mkdir(join(folder.path, ".metadata"));
    await writeFile(file, config);
  }
  const complaints: string[] = [];
  return {
    path: folder.path,
    complaints,
    load: () => EnabledPlugins.load(folder.path, (message) => complaints.push(message)),
    stored: async () => JSON.parse(await readFile(file, "utf8")) as unknown,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const KILL_ROUNDS = 8;

/** Disables plugin after plugin in another process and kills it after so many, wherever it is then. What it acknowledged. */
async function saveUntilKilled(pluginsDir: string, count: number): Promise<string[]> {
  const script = `
    import { EnabledPlugins } from ${JSON.stringify(join(import.meta.dir, "enabled-plugins.ts"))};
    const enabled = await EnabledPlugins.load(${JSON.stringify(pluginsDir)}, console.error);
    for (let number = 0; ; number += 1) {
      const id = "p" + process.pid + "-" + number;
      await enabled.set(id, false);
      require("node:fs").writeSync(1, id + "\\n");
    }`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  let printed = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += chunk;
    if (printed.split("\n").length > count) child.kill("SIGKILL");
  }
  return printed.split("\n").slice(0, -1);
}

describe("EnabledPlugins", () => {
  test("without a file every plugin is enabled, and none is written for what is the default in memory", async () => {
    await using folder = await pluginsFolder();
    const enabled = await folder.load();
    expect(enabled.isEnabled("acme")).toBe(true);
    expect(await readdir(folder.path)).toEqual([]);
    expect(folder.complaints).toEqual([]);
  });

  test("what was set is there for the next start, also names that mean something to an object", async () => {
    await using folder = await pluginsFolder();
    const enabled = await folder.load();
    for (const id of ["acme", "constructor", "toString"]) {
      expect(enabled.isEnabled(id)).toBe(true);
      await enabled.set(id, false);
      expect(enabled.isEnabled(id)).toBe(false);
    }
    const again = await folder.load();
    for (const id of ["acme", "constructor", "toString"]) expect(again.isEnabled(id)).toBe(false);
  });

  test("keys that the host does not know are kept, beside the plugins and in them", async () => {
    await using folder = await pluginsFolder('{"note": {"by": "hand"}, "plugins": {"gone": false, "acme": true}}');
    await (await folder.load()).set("acme", false);
    expect(await folder.stored()).toEqual({ note: { by: "hand" }, plugins: { gone: false, acme: false } });
  });

  test("an entry may say more than whether it is enabled, and keeps that", async () => {
    await using folder = await pluginsFolder(
      '{"plugins": {"acme": {"user": "web", "note": 1}, "off": {"enabled": false}}}',
    );
    const enabled = await folder.load();
    expect([enabled.isEnabled("acme"), enabled.isEnabled("off")]).toEqual([true, false]);
    expect(enabled.confinement("acme")).toMatchObject({ user: "web" });
    expect(enabled.confinement("other")).toMatchObject({ user: null });
    await enabled.set("acme", false);
    expect(enabled.isEnabled("acme")).toBe(false);
    expect(await folder.stored()).toEqual({
      plugins: { acme: { user: "web", note: 1, enabled: false }, off: { enabled: false } },
    });
  });

  test("many changes at once are all stored", async () => {
    await using folder = await pluginsFolder();
    const enabled = await folder.load();
    const ids = Array.from({ length: 20 }, (_, number) => `plugin-${number}`);
    await Promise.all(ids.map((id) => enabled.set(id, false)));
    expect(await folder.stored()).toEqual({ plugins: Object.fromEntries(ids.map((id) => [id, false])) });
    expect(await readdir(join(folder.path, ".metadata"))).toEqual(["config.json"]);
  });

  for (const [what, text, why] of [
    ["is cut off", '{"plugins": {"acme": fal', "JSON"],
    ["is empty", "", "JSON"],
    ["is a list", "[]", "not a JSON object"],
    ["has a list of plugins", '{"plugins": ["acme"]}', '"plugins" is not an object'],
    ["has a value that is no boolean", '{"plugins": {"acme": "no"}}', "plugins.acme is neither true nor false"],
  ] as const) {
    test(`a file that ${what} is set aside as it is, and the complaint says where and why`, async () => {
      await using folder = await pluginsFolder(text);
      const enabled = await folder.load();
      expect(enabled.isEnabled("acme")).toBe(true);
      const [aside = ""] = await readdir(join(folder.path, ".metadata"));
      expect(aside).toStartWith("config.json.broken-");
      expect(await readFile(join(folder.path, ".metadata", aside), "utf8")).toBe(text);
      expect(folder.complaints).toHaveLength(1);
      expect(folder.complaints[0]).toContain(aside);
      expect(folder.complaints[0]).toContain(why);
    });
  }

  test("a host that is killed while it saves leaves what it had saved, or the next, and never a part", async () => {
    await using folder = await pluginsFolder();
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const saved = await saveUntilKilled(folder.path, 1 + round * 7);
      expect(saved.length).toBeGreaterThan(round * 7);
      const enabled = await folder.load();
      expect(folder.complaints).toEqual([]);
      expect(saved.filter((id) => enabled.isEnabled(id))).toEqual([]);
    }
  });

  test("what a host that was killed while it saved has left beside the file is removed at the next start, and nothing else", async () => {
    await using folder = await pluginsFolder("{}");
    const beside = (name: string) => join(folder.path, ".metadata", name);
    const others = ["config.json.broken-2026-01-02T03-04-05.678Z", "config.json.bak.tmp", "other.json.7.tmp"];
    for (const name of ["config.json.4711.tmp", "config.json.1.tmp", ...others]) await writeFile(beside(name), "{");
    await folder.load();
    expect((await readdir(join(folder.path, ".metadata"))).toSorted()).toEqual(["config.json", ...others].toSorted());
  });

  test("a change that cannot be written is an error, changes nothing, and the next one works", async () => {
    await using folder = await pluginsFolder();
    await writeFile(join(folder.path, ".metadata"), "a file where the folder should be");
    const enabled = await folder.load();
    const refused = await enabled.set("acme", false).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(enabled.isEnabled("acme")).toBe(true);
    await Bun.file(join(folder.path, ".metadata")).delete();
    await enabled.set("acme", false);
    expect(await folder.stored()).toEqual({ plugins: { acme: false } });
  });
});
