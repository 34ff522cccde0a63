import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@toru/http-api";
import { join } from "node:path";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const KINDS = ["strict", "direct", "two"] as const;
type Kind = (typeof KINDS)[number];

interface Echo {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

describe("Plugin Protocol", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_REQUEST_TIMEOUT_MS: "1000", TORU_HEALTH_INTERVAL_MS: "3000" },
      prepare: async (host) => {
        await host.install("v1-strict", "strict");
        await host.install("v1-direct", "direct");
        await host.install("v2", "two");
      },
    });
    for (const kind of KINDS) await host.reaches(kind, "running", "healthy");
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function expectPaths(init: Record<string, unknown>, id: Kind): Promise<void> {
    expect(init["action"]).toBe("init");
    expect(init["socket_path"]).toBe(join(host.runDir, `${id}.sock`));
    expect(init["log_path"]).toBe(join(host.logDir, "plugins", `${id}.log`));
    expect(init["instance_id"]).toBe((await Bun.file(join(host.dataDir, "instance-id")).text()).trim());
    expect(await exists(String(init["socket_path"]))).toBe(true);
  }

  async function expectProblem(response: Response, status: number, plugin: Kind): Promise<string> {
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ status, plugin, title: expect.any(String), type: expect.any(String) });
    return problem.detail;
  }

  test("Send init message: version 1 is told its paths under both names, once", async () => {
    const { init } = await host.json<{ init: Record<string, unknown> }>("/plugins/strict/x");
    await expectPaths(init, "strict");
    expect(init).toMatchObject({ type: "lifecycle", plugin_socket: init["socket_path"] });
    expect(await host.json("/plugins/strict/count")).toMatchObject({ inits: 1 });
    const direct = await host.json<{ inits: number; init: Record<string, unknown> }>("/plugins/direct/init");
    await expectPaths(direct.init, "direct");
    expect(direct.inits).toBe(1);
  });

  test("Send init message: version 2 is told its paths, its id and its data folder, once", async () => {
    const { inits, init } = await host.json<{ inits: number; init: Record<string, unknown> }>("/plugins/two/init");
    await expectPaths(init, "two");
    expect(init).toMatchObject({ protocol: 2, plugin_id: "two", data_dir: join(host.dataDir, "plugins", "two") });
    expect(init["features"]).toBeArray();
    expect(inits).toBe(1);
  });

  test.each(KINDS)("Forward HTTP request: %s gets the method, the full path, the headers and the body", async (id) => {
    const response = await host.fetch(`/plugins/${id}/a%2Fb/c?x=1&x=%C3%A4&empty=`, {
      method: "PUT",
      body: "Größe: 5 €\u0000",
      headers: { "content-type": "text/plain;charset=utf-8", "x-one": "1" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    const echo = (await response.json()) as Echo;
    expect(echo.method).toBe("PUT");
    expect(echo.path).toBe(`/${id}/a%2Fb/c?x=1&x=%C3%A4&empty=`);
    expect(echo.body).toBe("Größe: 5 €\u0000");
    expect(echo.headers).toMatchObject({ "x-one": "1", "content-type": "text/plain;charset=utf-8" });
  });

  test.each(KINDS)("Forward HTTP request: %s gets null where there is no body", async (id) => {
    const echo = await host.json<Echo>(`/plugins/${id}`);
    expect(echo).toMatchObject({ method: "GET", path: `/${id}`, body: null });
  });

  test.each(KINDS)("Forward HTTP request: the API prefix of %s forwards the rest of the path", async (id) => {
    const echo = await host.json<Echo>(`/api/plugins/route/${id}/certificate?x=1`);
    expect(echo).toMatchObject({ method: "GET", path: "/certificate?x=1" });
  });

  test.each(["direct", "two"] as const)("Receive plugin response: the status of %s goes through", async (id) => {
    for (const status of [201, 204, 304, 404, 418, 500, 503]) {
      const response = await host.fetch(`/plugins/${id}/status/${status}`);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBeNull();
      await response.arrayBuffer();
    }
  });

  test("Receive plugin response: a version 1 body that is no string arrives as its JSON text", async () => {
    expect(await host.json("/plugins/direct/object")).toEqual({ an: "object", list: [1, null] });
    expect(await host.json("/plugins/direct/list")).toEqual([1, "two", null]);
  });

  test("Receive plugin response: several headers of one name stay apart, and none is invented", async () => {
    const response = await host.fetch("/plugins/two/headers");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2; Path=/"]);
    expect(response.headers.get("x-fixture")).toBe("two");
    expect(response.headers.get("content-type")).toBeNull();
    expect(await response.text()).toBe("headers");
  });

  test("Receive plugin response: version 2 carries bytes that are no text, both ways", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await (await host.fetch("/plugins/two/binary")).bytes()).toEqual(bytes);
    const init = { method: "POST", body: bytes, headers: { "content-type": "image/x-test" } };
    const echoed = await host.fetch("/plugins/two/echo-bytes", init);
    expect(echoed.headers.get("content-type")).toBe("image/x-test");
    expect(await echoed.bytes()).toEqual(bytes);
  });

  test("Receive plugin response: an answer of one MiB arrives whole", async () => {
    const text = await (await host.fetch("/plugins/two/large?bytes=1048576")).text();
    expect(text.length).toBe(1_048_576);
    expect(/^x+$/.test(text)).toBe(true);
  });

  test.each([
    ["two", "/error"],
    ["direct", "/error"],
    ["direct", "/nested-error"],
  ] as const)(
    "Handle plugin error: %s answers %s with an error, the client gets 502 with its words",
    async (id, path) => {
      const detail = await expectProblem(await host.fetch(`/plugins/${id}${path}`), 502, id);
      expect(detail).toContain("the fixture was asked to fail");
      expect((await host.fetch(`/plugins/${id}/after`)).status).toBe(200);
    },
  );

  test.each(KINDS)("Handle plugin error: %s takes longer than the limit, the client gets 504", async (id) => {
    const detail = await expectProblem(await host.fetch(`/plugins/${id}/sleep?ms=1600`), 504, id);
    expect(detail).toContain("did not answer within 1 s");
    // A strict plugin is blocked for the rest of that time: the next request waits for its turn.
    expect((await host.fetch(`/plugins/${id}/after`)).status).toBe(200);
  });

  test("Handle plugin error: what happened stands in the host's log, and the plugins run on", async () => {
    const lines = await until("the log has a line for each failure", async () => {
      const lines = (await host.log("host.log")).filter(({ level }) => level === "warn");
      return lines.length >= 6 ? lines : null;
    });
    expect(lines.map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ plugin: "strict", code: "plugin-timeout", status: 504, path: "/plugins/strict/…" }),
    );
    for (const id of KINDS) expect(await host.plugin(id)).toMatchObject({ status: "running", crashes: 0, restarts: 0 });
  });
});
