import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "embedded", { bundle: "/* of version 2 itself, ü */" });
      await host.install("v2", "beside", { route: "/other-name" });
      await host.install("v1-direct", "deployed", { bundle: "/* of version 1 itself */" });
      await host.install("v1-strict", "deployed-frontend", { behaviour: "silent-bundle" });
      await host.install("v1-direct", "asked", { bundle: "/* of version 1 itself */" });
      await host.install("v2", "without");
      await host.install("v2", "greets-all", { bundle: "Hello from /bundle.js", bundle_type: "text/plain" });
      await file("greets-all/bundle.js", "/* beside one that greets */", host);
      await mkdir(join(host.pluginsDir, "without", "frontend", "bundle.js"), { recursive: true });
      await Bun.$`mkfifo ${join(host.pluginsDir, "without", "bundle.js")}`;
      await host.install("v1-direct", "leads-out");
      await Bun.write(join(host.folder, "secret.js"), "/* outside */");
      await file("embedded/bundle.js", "/* never reached */", host);
      await file("beside/bundle.js", "/* beside version 2 */", host);
      await file("deployed/bundle.js", "/* beside version 1 */", host);
      await file("deployed/frontend/bundle.js", "/* the second place */", host);
      await file("deployed-frontend/frontend/bundle.js", "/* in frontend */", host);
      await mkdir(join(host.pluginsDir, "leads-out"));
      await symlink(join(host.folder, "secret.js"), join(host.pluginsDir, "leads-out", "bundle.js"));
    },
  });
  for (const id of [
    "embedded",
    "beside",
    "deployed",
    "deployed-frontend",
    "asked",
    "without",
    "greets-all",
    "leads-out",
  ]) {
    await host.reaches(id, "running", "healthy");
  }
});

afterAll(() => host[Symbol.asyncDispose]());

async function file(path: string, text: string, { pluginsDir }: TestHost): Promise<void> {
  await Bun.write(join(pluginsDir, path), text);
}

describe("Plugin Frontend", () => {
  test.each([
    ["embedded", "/* of version 2 itself, ü */", "version 2 answers for it, whatever lies beside"],
    ["beside", "/* beside version 2 */", "version 2 without one: the file beside counts"],
    ["greets-all", "/* beside one that greets */", "version 2 answers with something else: the file counts"],
    ["deployed", "/* beside version 1 */", "version 1: the file beside it comes first"],
    ["deployed-frontend", "/* in frontend */", "version 1: the second place, and it is never asked"],
    ["asked", "/* of version 1 itself */", "version 1 without a file is asked"],
  ])("Serve frontend bundle: %s gives %s (%s)", async (id, expected) => {
    const response = await host.fetch(`/api/plugins/${id}/bundle.js`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toBe(expected);
  });

  test("an unchanged bundle is not sent again", async () => {
    const etag = (await host.fetch("/api/plugins/beside/bundle.js")).headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const again = await host.fetch("/api/plugins/beside/bundle.js", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("a plugin without a page, with a FIFO and a folder in the places of one, is 404, and the detail says where one was looked for", async () => {
    const response = await host.fetch("/api/plugins/without/bundle.js");
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain("without/bundle.js");
    expect(detail).toContain("without/frontend/bundle.js");
  });

  test("a link that leads out of the folder is not followed", async () => {
    const response = await host.fetch("/api/plugins/leads-out/bundle.js");
    expect([response.status, (await response.text()).includes("outside")]).toEqual([404, false]);
  });

  test.each(["nobody", "..%2Fsecret", "%2e%2e", "embedded%2F..%2Fbeside"])(
    "an id that no plugin has is 404: %s",
    async (id) => {
      expect((await host.fetch(`/api/plugins/${id}/bundle.js`)).status).toBe(404);
    },
  );

  test("a disabled plugin has no bundle", async () => {
    await host.post("/api/plugins/beside/disable");
    await host.reaches("beside", "disabled");
    expect((await host.fetch("/api/plugins/beside/bundle.js")).status).toBe(404);
  });

  test("nobody gets one without signing in", async () => {
    expect((await fetch(`${host.url}/api/plugins/embedded/bundle.js`)).status).toBe(401);
  });
});
