import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext, Script } from "node:vm";

const ROOT = join(import.meta.dir, "../../..");
const PROBE = join(import.meta.dir, "probe-page");

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-page-"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Builds a copy of the probe, with some files in place of its own. */
async function build(name: string, files: Record<string, string> = {}, args: string[] = []) {
  const project = join(folder, name);
  await cp(PROBE, project, { recursive: true });
  await Bun.write(join(project, "package.json"), '{ "type": "module" }');
  for (const [file, text] of Object.entries(files)) await Bun.write(join(project, file), text);
  const command = ["node", join(ROOT, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn", ...args];
  const child = Bun.spawn(command, { cwd: project, stdout: "pipe", stderr: "pipe", timeout: 50_000 });
  const output = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
  const code = await child.exited;
  const made = code === 0 ? await readdir(join(project, "dist")) : [];
  return { code, output, made, script: code === 0 ? await Bun.file(join(project, "dist/bundle.js")).text() : "" };
}

const CONFIG = (options: string) => `
  import { toruPage } from "@toru/page/vite";
  export default { plugins: [toruPage(${options})] };
`;

describe("the preset", () => {
  test("makes one classic script with styles and pictures inside, without eval and process.env", async () => {
    const { code, output, made, script } = await build("whole");
    expect({ code, output, made }).toEqual({ code: 0, output: "", made: ["bundle.js"] });
    expect(script).toContain("outline:3px solid");
    expect(script).toContain("data:image/svg+xml");
    expect(script).not.toMatch(/process\.env|\beval\(|new Function|__TORU_PAGE_STYLES__/);
    expect(script).not.toMatch(/^(import|export)\b/m);
    expect(script).not.toContain("Download the React DevTools"); // the build of React for production
    expect(() => new Script(script)).not.toThrow();
  });

  test("the same sources give the same bytes, wherever they lie", async () => {
    expect((await build("one")).script).toBe((await build("two")).script);
  });

  test("a mode of development changes nothing", async () => {
    const { script } = await build("mode", {}, ["--mode", "development"]);
    expect(script).not.toContain("Download the React DevTools");
  });

  test("warns above a size, and builds all the same", async () => {
    const { code, output } = await build("large", { "vite.config.ts": CONFIG('{ id: "acme", warnAboveKiB: 10 }') });
    expect(code).toBe(0);
    expect(output).toMatch(/the page has \d+ KiB, more than 10/);
  });

  test("takes a page without React and without styles", async () => {
    const { made, script } = await build("plain", {
      "vite.config.ts": CONFIG('{ id: "my-plugin", entry: "src/plain.ts" }'),
      "src/plain.ts": 'export default { mount(container) { container.textContent = "plain"; } };',
    });
    expect(made).toEqual(["bundle.js"]);
    const window: { ToruPlugins?: Record<string, { mount(container: object): void }> } = {};
    runInNewContext(script, { window });
    const container = { textContent: "" };
    window.ToruPlugins?.["my-plugin"]?.mount(container);
    expect(container.textContent).toBe("plain");
  });

  test("parts that are loaded later are in the one file", async () => {
    const { made } = await build("lazy", {
      "vite.config.ts": CONFIG('{ id: "acme", entry: "src/lazy.ts" }'),
      "src/lazy.ts": 'export default { mount: async () => (await import("./part.ts")).part };',
      "src/part.ts": 'export const part = "part";',
    });
    expect(made).toEqual(["bundle.js"]);
  });
});

test("the guide's page passes the type check of a new project, and builds", async () => {
  const guide = await Bun.file(join(ROOT, "docs/plugin-pages.md")).text();
  const files: Record<string, string> = {};
  for (const [, name = "", code = ""] of guide.matchAll(/^```tsx?\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)) files[name] = code;
  expect(Object.keys(files)).toEqual(["src/main.tsx", "vite.config.ts"]);
  files["src/page.css"] = "";
  files["tsconfig.json"] = await Bun.file(join(ROOT, "sdks/page/template-react/tsconfig.json.tmpl")).text();
  expect(await build("guide", files)).toMatchObject({ code: 0, made: ["bundle.js"] });
  const types = Bun.spawn([join(ROOT, "node_modules/.bin/tsc"), "-p", join(folder, "guide")], { stdout: "pipe" });
  expect(await new Response(types.stdout).text()).toBe("");
});
