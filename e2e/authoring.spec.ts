import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { EXECUTABLE } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

let dev: ChildProcess | null = null;

test.afterEach(async () => {
  const child = dev;
  dev = null;
  if (child === null || child.exitCode !== null) return;
  child.kill("SIGINT");
  await once(child, "exit");
});

test("from toru new to a page in the panel, which follows each save", async ({ host, panel }) => {
  const project = join(host.folder, "my-plugin");
  const env = host.environment;
  await promisify(execFile)(EXECUTABLE, ["new", project, "--lang", "python", "--page", "plain"], { env });
  let output = "";
  const child = spawn(EXECUTABLE, ["dev", project], { env, stdio: ["ignore", "pipe", "pipe"] });
  dev = child;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  await expect.poll(() => output, { timeout: 30_000 }).toContain("✓ My plugin 0.1.0 runs");

  await panel.goto("/view/my-plugin");
  await expect(panel.getByRole("heading", { name: "My plugin" }).last()).toBeVisible();
  await expect(panel.getByText("Hello admin, from My plugin.")).toBeVisible();
  await panel.getByRole("button", { name: "Ask again" }).click();
  await expect(panel.getByText("Visits so far: 2.")).toBeVisible();

  const replace = async (file: string, from: string, to: string) => {
    const text = await readFile(join(project, file), "utf8");
    expect(text).toContain(from);
    await writeFile(join(project, file), text.replace(from, to));
  };
  await replace("src/my_plugin.py", "Hello {name}", "Welcome {name}");
  await expect(panel.getByText("Welcome admin, from My plugin.")).toBeVisible();
  await replace("page/bundle.js", "Ask again", "Once more");
  await expect(panel.getByRole("button", { name: "Once more" })).toBeVisible();
  await expect.poll(() => output).toContain("a visit"); // its log shows in the terminal
});
