import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "./support/test.ts";

test("the README's first plugin and its page are in the panel as soon as the files are there", async ({
  host,
  panel,
}) => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const program = /```python\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const page = /```js\n([^]*?)```/.exec(readme)?.[1] ?? "";
  await panel.goto("/");
  await expect(panel.getByRole("navigation").getByText("No plugin is enabled.")).toBeVisible();
  await host.installText("hello.binary", program);
  await host.installBundle("hello", page);
  await panel.getByRole("navigation").getByRole("link", { name: "Hello" }).click();
  await expect(panel.getByText("Hello from /hello/world")).toBeVisible();
});
