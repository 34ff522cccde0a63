import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { InstalledPlugin } from "@toru/http-api";
import { chmod, mkdir, open, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const V2 = join(import.meta.dir, "plugins/v2.py");

let host: TestHost;

/** What must be there together when the host starts; the rest comes while it runs. */
beforeAll(async () => {
  host = await TestHost.start({
    env: { TORU_BACKOFF_BASE_MS: "600000" },
    prepare: async (host) => {
      for (const [file, id, route] of [
        ["id-first", "twin", "/twin"],
        ["id-second", "twin", "/twin-2"],
        ["route-first", "one", "/shared"],
        ["route-second", "two", "/SHARED"],
      ] as const) {
        await host.install("v2", file, { route, metadata: { id } });
      }
    },
  });
});

afterAll(async () => {
  expect(host.hasExited).toBe(false);
  await host[Symbol.asyncDispose]();
});

function binary(name: string): string {
  return join(host.pluginsDir, `${name}.binary`);
}

/** The installed plugin of this file; null where there is none. */
async function pluginOf(name: string): Promise<InstalledPlugin | null> {
  const found = (await host.plugins()).find(({ file }) => file === `${name}.binary`);
  return found === undefined || found.status === "invalid" ? null : found;
}

function runs(name: string): Promise<InstalledPlugin> {
  return until(`${name} runs`, async () => {
    const plugin = await pluginOf(name);
    return plugin?.status === "running" ? plugin : null;
  });
}

describe.concurrent("Discovery: two files want the same", () => {
  test("id: the first by name has it, the other says whose it is, and takes over when that is removed", async () => {
    await runs("id-first");
    expect(await host.invalid("id-second.binary")).toContain('id "twin" is already used by id-first.binary');
    await rm(binary("id-first"));
    await runs("id-second");
    expect(await host.json("/api/plugins/twin")).toMatchObject({ file: "id-second.binary", status: "running" });
  });

  test("route, whatever its case: the first by name has it; disabled it makes room, and enabling it is then 409", async () => {
    await runs("route-first");
    expect(await host.invalid("route-second.binary")).toContain(
      'route "/SHARED" is already used by route-first.binary',
    );
    expect((await host.post("/api/plugins/one/disable")).status).toBe(200);
    await runs("route-second");
    const { pid } = await host.json<{ pid: number }>("/plugins/SHARED/pid");
    expect((await pluginOf("route-second"))?.pid).toBe(pid);
    const refused = await host.post("/api/plugins/one/enable");
    expect(refused.status).toBe(409);
    expect(((await refused.json()) as { detail: string }).detail).toContain("route-second.binary");
  });

  test("a running plugin keeps its id and route, also against a file whose name comes before its own", async () => {
    await host.install("v2", "m-keeper", { metadata: { id: "keeper", route: "/kept" } });
    const { pid } = await runs("m-keeper");
    await host.install("v2", "a-id", { metadata: { id: "keeper" } });
    await host.install("v2", "a-route", { route: "/kept" });
    expect(await host.invalid("a-id.binary")).toContain("already used by m-keeper.binary");
    expect(await host.invalid("a-route.binary")).toContain("already used by m-keeper.binary");
    expect(await pluginOf("m-keeper")).toMatchObject({ pid, status: "running", restarts: 0 });
  });
});

describe.concurrent("Discovery: metadata that cannot be read", () => {
  test("hangs: it is listed with the limit when that is over, and the others do not wait for it", async () => {
    for (const number of [1, 2, 3, 4]) await host.install("v2", `hangs-${number}`, { behaviour: "metadata-hangs" });
    await host.install("v2", "waits-for-nobody");
    await runs("waits-for-nobody");
    const listed = (await host.plugins()).filter(({ file }) => file.startsWith("hangs-"));
    expect(listed).toEqual([]);
    for (const number of [1, 2, 3, 4]) {
      expect(await host.invalid(`hangs-${number}.binary`)).toBe("--metadata did not end within 5 s");
    }
  });

  for (const [behaviour, words] of [
    ["metadata-junk", "JSON"],
    ["metadata-huge", "more than 256 KiB"],
    ["metadata-fails", "exited with code 1: the fixture was asked to fail"],
  ] as const) {
    test(`${behaviour}: the reason is in words`, async () => {
      await host.install("v2", behaviour, { behaviour });
      expect(await host.invalid(`${behaviour}.binary`)).toContain(words);
    });
  }

  test("an interpreter that does not exist, or no program at all: the reason says so", async () => {
    await host.installText("interpreter.binary", "#!/no/such/python\nprint()\n");
    await host.installText("no-program.binary", "\u0001\u0002\u0003");
    expect(await host.invalid("interpreter.binary")).toContain(
      "the interpreter that its first line names does not exist",
    );
    expect(await host.invalid("no-program.binary")).toContain("neither a program for this machine nor a script");
  });
});

describe.concurrent("Discovery: files that cannot be plugins", () => {
  test("a folder and a link out of the plugins folder are listed with the reason, and nothing of them is run", async () => {
    await mkdir(binary("folder"));
    const outside = join(host.folder, "outside.sh");
    const ran = join(host.folder, "it-was-run");
    await Bun.write(outside, `#!/bin/sh\ntouch ${ran}\n`);
    await chmod(outside, 0o755);
    await symlink(outside, binary("link"));
    expect(await host.invalid("folder.binary")).toBe("it is not a regular file");
    expect(await host.invalid("link.binary")).toContain(`a symbolic link to ${outside}, outside the plugins folder`);
    expect(await exists(ran)).toBe(false);
  });

  test("not executable: the reason is the command that cures it, and then it starts", async () => {
    await host.install("v2", "plain-file");
    await runs("plain-file");
    await chmod(binary("plain-file"), 0o644);
    const warned = await until("the problem shows", async () => {
      const plugin = await pluginOf("plain-file");
      return plugin?.problem === null ? null : plugin;
    });
    expect(warned.status).toBe("running");
    expect(warned.problem).toContain(`chmod +x ${binary("plain-file")}`);
    expect((await host.fetch("/plugins/plain-file/x")).status).toBe(200);
    await host.post("/api/plugins/plain-file/disable");
    expect(await host.invalid("plain-file.binary")).toContain(`chmod +x ${binary("plain-file")}`);
    await chmod(binary("plain-file"), 0o755);
    await until("it is a plugin again", async () => (await pluginOf("plain-file"))?.status === "disabled");
    await host.post("/api/plugins/plain-file/enable");
    expect((await runs("plain-file")).problem).toBeNull();
  });
});

describe.concurrent("Discovery: a file that is replaced in place", () => {
  test("slowly: the version before answers until the new one is whole, and then that runs", async () => {
    await host.install("v2", "slow");
    const { pid } = await runs("slow");
    await Bun.write(join(host.pluginsDir, "slow.fixture.json"), JSON.stringify({ version: "2.0.0" }));
    const text = await readFile(V2);
    const PARTS = 5;
    const file = await open(binary("slow"), "w");
    for (let part = 0; part < PARTS; part++) {
      const from = Math.floor((text.length * part) / PARTS);
      await file.write(text.subarray(from, Math.floor((text.length * (part + 1)) / PARTS)));
      await Bun.sleep(300); // longer than a file must be still before it is read
      expect(await host.json<{ pid: number }>("/plugins/slow/pid")).toMatchObject({ pid });
    }
    await file.close();
    const renewed = await until("version 2.0.0 runs", async () => {
      const plugin = await pluginOf("slow");
      return plugin?.version === "2.0.0" && plugin.status === "running" ? plugin : null;
    });
    expect(renewed).toMatchObject({ problem: null, crash: null });
    expect(renewed.pid).not.toBe(pid);
  });

  test("by a writer that lets go of it long after its last byte: it is read all the same", async () => {
    await mkdir(join(host.folder, "elsewhere"), { recursive: true });
    const file = await open(binary("held"), "w", 0o755);
    await file.write(await readFile(V2));
    expect(await host.invalid("held.binary")).toContain("still open for writing");
    await file.close();
    await runs("held");
  });
});
