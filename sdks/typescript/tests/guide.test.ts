import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startPlugin } from "@toru/plugin/testing";
import { Project, ROOT, run, toruPlugin } from "./built-plugin.fixture.ts";

const GUIDES = ["docs/plugins-in-typescript.md", "sdks/typescript/README.md"];

let project: Project;

/** Every TypeScript block of the guide, as the file that its first line names. */
beforeAll(async () => {
  project = await Project.create();
  for (const guide of GUIDES) {
    const text = await Bun.file(join(ROOT, guide)).text();
    for (const [, name = "", code = ""] of text.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)) {
      await project.write(name, code);
    }
    const blocks = text.match(/^```ts$/gm)?.length;
    expect(blocks).toBe(text.match(/^```ts\n\/\/ \S+$/gm)?.length ?? 0);
  }
});

afterAll(() => project[Symbol.asyncDispose]());

async function build(entry: string, id: string) {
  const output = `dist/${id}.binary`;
  expect(await toruPlugin(project.folder, ["build", entry, "--output", output])).toMatchObject({ code: 0, stderr: "" });
  return startPlugin(project.path(output));
}

test("every snippet of the guide passes the type check of a new project", async () => {
  const template = await Bun.file(join(ROOT, "sdks/typescript/template/tsconfig.json.tmpl")).text();
  await project.write("tsconfig.json", template);
  const { code, stdout } = await run([join(ROOT, "node_modules/.bin/tsc"), "-p", project.folder], project.folder);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});

test("the first plugin greets", async () => {
  await using plugin = await build("src/hello.ts", "hello");
  expect(await (await plugin.fetch("/")).text()).toBe("Hello admin\n");
  expect((await plugin.fetch("/x")).status).toBe(404);
});

test("the README's plugin greets", async () => {
  await using plugin = await build("src/plugin.ts", "readme");
  expect(await (await plugin.fetch("/a")).text()).toBe("Hello admin at /a\n");
});

test("the notes keep what an admin writes, and their tests pass", async () => {
  await using plugin = await build("src/notes.ts", "notes");
  expect((await plugin.fetch("/notes/a", { method: "PUT", body: "x" })).status).toBe(204);
  expect(await (await plugin.fetch("/notes/a")).text()).toBe("x");
  const tested = await toruPlugin(project.folder, ["test"]);
  expect(tested.stdout).toContain("# pass 2");
});

test("files come and go as streams, and the clock ticks until the plugin stops", async () => {
  await using plugin = await build("src/files.ts", "files");
  const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
  expect((await plugin.fetch("/", { method: "PUT", body: bytes })).status).toBe(204);
  expect(Buffer.compare(await (await plugin.fetch("/")).bytes(), bytes)).toBe(0);
  const clock = (await plugin.fetch("/clock")).body?.getReader();
  const ticks = [await clock?.read(), await clock?.read()].map((tick) => new TextDecoder().decode(tick?.value));
  expect(ticks).toEqual([expect.stringMatching(/^data: .*Z\n\n$/), expect.stringMatching(/^data: .*Z\n\n$/)]);
  const ended = clock?.read();
  expect(await plugin.stop(60_000)).toBe(0);
  expect((await ended)?.done).toBe(true);
});

test("the socket shouts back, to an admin alone, until the plugin stops", async () => {
  await using plugin = await build("src/talk.ts", "talk");
  const eva = { name: "eva", role: "user" } as const;
  expect(await plugin.webSocket("/", { user: eva }).then(String, String)).toContain("403");
  expect((await plugin.fetch("/")).status).toBe(426);
  const socket = await plugin.webSocket("/");
  await socket.send("abc");
  await socket.send(new Uint8Array([1]));
  const messages = [await socket.messages.next(), await socket.messages.next(), await socket.messages.next()];
  expect(messages.map(({ value }) => value as unknown)).toEqual(["Hello admin", "ABC", new Uint8Array([1])]);
  const ended = socket.messages.next();
  expect(await plugin.stop(60_000)).toBe(0);
  expect((await ended).done).toBe(true);
});

test("storage and logs do what is said of them", async () => {
  await project.write(
    "src/uses.ts",
    `import { definePlugin } from "@toru/plugin";
    import { chore } from "./chores.ts";
    import { count, names } from "./counter.ts";
    export default definePlugin({
      id: "uses", name: "Uses", version: "1", icon: "zap", route: "/uses",
      async fetch() {
        await chore("fine", () => count("é"));
        await chore("bad", () => Promise.reject(new Error("why")));
        await count("b");
        return Response.json(await names());
      },
    });`,
  );
  await using plugin = await build("src/uses.ts", "uses");
  expect(await (await plugin.fetch("/")).json()).toEqual(["b", "é"]);
  expect(plugin.logs[0]).toEqual({ level: "info", message: "chore is done", fields: { name: "fine", count: 1 } });
  expect(plugin.logs[1]).toMatchObject({ level: "error", fields: { name: "bad" } });
  expect(plugin.logs[1]?.error).toContain("Error: why");
});

test("the poller ends its loop, and says good bye", async () => {
  await using plugin = await build("src/poller.ts", "poller");
  expect(await plugin.fetch("/").then(String, String)).toContain("internal"); // nobody listens on port 9
  expect(await plugin.stop()).toBe(0);
  expect(plugin.logs.at(-1)).toEqual({ level: "info", message: "good bye" });
});

test("a main of one's own serves, on Bun without a build", async () => {
  const command = [process.execPath, project.path("src/main.ts")];
  await using plugin = await startPlugin("src/main.ts", { command });
  expect(await (await plugin.fetch("/")).text()).toBe("Hello admin\n");
});
