import { expect, test } from "bun:test";
import { cp, stat } from "node:fs/promises";
import { join } from "node:path";
import { startPlugin } from "@toru/plugin/testing";
import { pathWith, Project, ROOT, run, RUNTIMES, SDK, toruPlugin } from "./built-plugin.fixture.ts";

const HELLO = `
import { definePlugin } from "@toru/plugin";
export default definePlugin({
  id: "hello", name: "Hello", version: "1.0.0", icon: "👋", route: "/hello",
  fetch: () => new Response("hello é"),
});
`;

const HONO = `
import { definePlugin, userOf, type RequestContext } from "@toru/plugin";
import { Hono } from "hono";

const app = new Hono<{ Bindings: RequestContext }>();
app.get("/", (c) => c.text(\`hello \${c.env.user?.name} \${userOf(c.req.raw)?.role}\`));
app.post("/notes/:id", async (c) => {
  await c.env.kv.set(c.req.param("id"), await c.req.text());
  return c.json({ stored: await c.env.kv.get(c.req.param("id")) }, 201);
});
app.get("/throws", () => {
  throw new Error("from a route");
});
export default definePlugin({ id: "notes", name: "Notes", version: "1.0.0", icon: "bookmark", route: "/notes", fetch: app.fetch });
`;

test("build makes one executable in dist, named after the plugin", async () => {
  await using project = await Project.create({ "src/plugin.ts": HELLO });
  const { code, stdout, stderr } = await toruPlugin(project.folder, ["build"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Built .*dist\/hello\.binary: Hello 1\.0\.0 at \/hello, \d+ KiB, no page, in \d+ ms\.\n$/);
  expect((await stat(project.path("dist/hello.binary"))).mode & 0o777).toBe(0o755);
  await using plugin = await startPlugin(project.path("dist/hello.binary"));
  expect(await (await plugin.fetch("/")).text()).toBe("hello é");
});

test.each([...RUNTIMES])("a Hono app is a plugin, on %s", async (runtime) => {
  await using project = await Project.create({ "src/plugin.ts": HONO });
  await using path = await pathWith(runtime);
  expect(await toruPlugin(project.folder, ["build"])).toMatchObject({ code: 0, stderr: "" });
  await using plugin = await startPlugin(project.path("dist/notes.binary"), { env: { PATH: path.path } });
  expect(await (await plugin.fetch("/")).text()).toBe("hello admin admin");
  const stored = await plugin.fetch("/notes/a", { method: "POST", body: "söme" });
  expect([stored.status, await stored.text()]).toEqual([201, '{"stored":"söme"}']);
  expect(plugin.store.get("a")).toBe("söme");
  expect((await plugin.fetch("/none")).status).toBe(404);
  expect((await plugin.fetch("/throws")).status).toBe(500); // Hono answers for itself
});

test("the same sources give the same bytes, wherever they lie", async () => {
  const files = { "src/plugin.ts": HONO, "page/bundle.js": "window.x = 1;" };
  await using one = await Project.create(files);
  await using two = await Project.create(files);
  for (const { folder } of [one, two]) expect(await toruPlugin(folder, ["build"])).toMatchObject({ code: 0 });
  const bytes = (project: Project) => Bun.file(project.path("dist/notes.binary")).text();
  expect(await bytes(one)).toBe(await bytes(two));
});

test("page/bundle.js is embedded, as it is, and answers GET /bundle.js alone", async () => {
  const page = "window.ToruPlugins.hello = { mount() { return `${'é'}\\u2028</script>`; } };\n";
  await using project = await Project.create({ "src/plugin.ts": HELLO, "page/bundle.js": page });
  expect((await toruPlugin(project.folder, ["build"])).stdout).toContain("a page of 1 KiB");
  await using plugin = await startPlugin(project.path("dist/hello.binary"));
  expect(await plugin.page()).toBe(page);
  for (const path of ["/bundle.js", "/bundle.js?x"]) {
    expect(await (await plugin.fetch(path)).text()).toBe("hello é");
  }
});

test("--page names another script, --output another place", async () => {
  await using project = await Project.create({ "lib/main.ts": HELLO, "ui.js": "1" });
  const args = ["build", "lib/main.ts", "--page", "ui.js", "--output", "out/x.binary"];
  expect((await toruPlugin(project.folder, args)).stdout).toContain("out/x.binary: Hello");
  await using plugin = await startPlugin(project.path("out/x.binary"));
  expect(await plugin.page()).toBe("1");
});

test("--sourcemap leads a stack back to the source", async () => {
  const source = HELLO.replace('new Response("hello é")', '{\n    throw new Error("here");\n  }');
  await using project = await Project.create({ "src/plugin.ts": source });
  expect(await toruPlugin(project.folder, ["build", "--sourcemap"])).toMatchObject({ code: 0 });
  const built = await Bun.file(project.path("dist/hello.binary")).text();
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(built)?.[1] ?? "";
  const { sources, sourceRoot, mappings } = JSON.parse(atob(map)) as Record<string, string>;
  expect(sources).toContain("src/plugin.ts");
  expect(sourceRoot).toBe(`${project.folder}/`);
  const headerLines = built.slice(0, built.indexOf("*/")).split("\n").length;
  expect(mappings?.slice(0, headerLines)).toBe(";".repeat(headerLines));
});

test("--standalone runs with nothing on the PATH, and is the same for the same sources", async () => {
  await using project = await Project.create({ "src/plugin.ts": HELLO, "page/bundle.js": "1" });
  await using bun = await pathWith("bun");
  const env = { PATH: `${bun.path}:${process.env["PATH"]}` };
  for (const output of ["dist/other.binary", "dist/hello.binary"]) {
    const args = ["build", "--standalone", "--output", output];
    expect(await toruPlugin(project.folder, args, env)).toMatchObject({ code: 0, stderr: "" });
  }
  expect(await run(["cmp", "dist/other.binary", "dist/hello.binary"], project.folder)).toMatchObject({ code: 0 });
  await using plugin = await startPlugin(project.path("dist/hello.binary"), { env: { PATH: "/nonexistent" } });
  expect(await (await plugin.fetch("/")).text()).toBe("hello é");
  expect(await plugin.stop()).toBe(0);
}, 120_000);

const MISTAKES: [string, Record<string, string>, string][] = [
  ["no entry", {}, "there is no src/plugin.ts"],
  ["a syntax error", { "src/plugin.ts": "export default {{" }, "could not be bundled"],
  [
    "a module that is not installed",
    { "src/plugin.ts": 'import "nowhere-to-be-found";' },
    'Could not resolve "nowhere',
  ],
  ["await at the top", { "src/plugin.ts": `await 1;\n${HELLO}` }, "Top-level await"],
  ["no default export", { "src/plugin.ts": "export const x = 1;" }, "export default definePlugin"],
  ["wrong fields", { "src/plugin.ts": HELLO.replace('"hello"', '"a b"').replace('"1.0.0"', '""') }, "version must"],
  ["a throw while loading", { "src/plugin.ts": `${HELLO}\nthrow new Error("at load");` }, "at load"],
  ["a Vite page without Vite", { "src/plugin.ts": HELLO, "page/vite.config.ts": "" }, "npm --prefix"],
];

test.each(MISTAKES)("build says what is wrong: %s", async (_, files, message) => {
  await using project = await Project.create(files);
  await project.write("dist/hello.binary", "the last good one");
  const { code, stderr } = await toruPlugin(project.folder, ["build"]);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(await Bun.file(project.path("dist/hello.binary")).text()).toBe("the last good one");
  const left = await Array.fromAsync(new Bun.Glob("**").scan({ cwd: project.path("dist"), dot: true }));
  expect(left).toEqual(["hello.binary"]);
});

test("wrong arguments get the usage and code 2", async () => {
  await using project = await Project.create();
  for (const args of [[], ["bild"], ["build", "a", "b"], ["build", "--wat"]]) {
    expect(await toruPlugin(project.folder, args)).toMatchObject({ code: 2, stdout: "" });
  }
  const help = await toruPlugin(project.folder, ["build", "--help"]);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain("--standalone");
});

test("test runs TypeScript on Node, with the plugin in the test's process or as one of its own", async () => {
  const tests = `
    import assert from "node:assert/strict";
    import { test } from "node:test";
    import { openPlugin, startPlugin } from "@toru/plugin/testing";
    import plugin from "../src/plugin.ts";

    test("in this process", async () => {
      await using notes = await openPlugin(plugin);
      const eva = { name: "eva", role: "user" } as const;
      assert.equal(await (await notes.fetch("/", { user: eva })).text(), "hello eva user");
      await notes.fetch("/notes/a", { method: "POST", body: "b" });
      assert.equal(notes.store.get("a"), "b");
    });

    test("as a process", async () => {
      await using notes = await startPlugin("dist/notes.binary");
      assert.equal((await notes.fetch("/")).status, 200);
      assert.equal(await notes.stop(), 0);
    });
  `;
  await using project = await Project.create({ "src/plugin.ts": HONO, "test/notes.test.ts": tests });
  expect(await toruPlugin(project.folder, ["build"])).toMatchObject({ code: 0 });
  const passed = await toruPlugin(project.folder, ["test"]);
  expect(passed.stdout).toContain("# pass 2");
  expect(passed.code).toBe(0);
  await project.write(
    "test/notes.test.ts",
    `import { test } from "node:test";\ntest("x", () => { throw new Error("no"); });`,
  );
  const failed = await toruPlugin(project.folder, ["test", "test/notes.test.ts"]);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain("notes.test.ts:2");
});

test("the package works when its folder is copied alone", async () => {
  await using project = await Project.create({ "src/plugin.ts": HELLO });
  await cp(SDK, project.path("vendor/toru-plugin"), { recursive: true });
  await run(["rm", project.path("node_modules/@toru/plugin")], project.folder);
  await run(["ln", "-s", "../../vendor/toru-plugin", project.path("node_modules/@toru/plugin")], project.folder);
  await run(["ln", "-s", join(ROOT, "node_modules/esbuild"), project.path("node_modules/esbuild")], project.folder);
  const command = ["node", "node_modules/@toru/plugin/command/toru-plugin.mjs", "build"];
  expect(await run(command, project.folder)).toMatchObject({ code: 0, stderr: "" });
  const built = await Bun.file(project.path("dist/hello.binary")).text();
  expect(built).toContain("// vendor/toru-plugin/src/serve.ts");
});

test("the command's JavaScript is type-checked", async () => {
  const { code, stdout } = await run([join(ROOT, "node_modules/.bin/tsc"), "-p", join(SDK, "tests")], ROOT);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});
