import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const README = join(import.meta.dir, "../../../README.md");
const MARKER = "<!-- first plugin: a test installs exactly this text -->\n```python\n";

/** The text that the README tells people to save, to the letter. */
async function textOfReadme(): Promise<string> {
  const [, behind, ...more] = (await Bun.file(README).text()).split(MARKER);
  if (behind === undefined || more.length > 0) throw new Error("the README has not exactly one first plugin");
  return behind.slice(0, behind.indexOf("```"));
}

/** Waits until it runs after this many restarts, and returns its process. */
function startedTimes(host: TestHost, restarts: number): Promise<number> {
  return until(`it runs after ${restarts} restarts`, async () => {
    const plugin = await host.plugin("hello");
    return plugin?.status === "running" && plugin.restarts === restarts ? plugin.pid : null;
  });
}

async function hello(host: TestHost): Promise<string> {
  const response = await host.fetch("/plugins/hello/world");
  return `${response.status} ${response.headers.get("content-type")} ${await response.text()}`;
}

describe("Plugin Language Support", () => {
  test("Python plugin: the one of the README answers, survives a restart and a crash, and stops in order", async () => {
    await using host = await TestHost.start();
    // Into the running host, as the README says.
    await host.installText("hello.binary", await textOfReadme());
    const { pid, name, icon } = await host.reaches("hello", "running", "healthy");
    expect([name, icon]).toEqual(["Hello", "👋"]);
    expect(await hello(host)).toBe("200 text/plain Hello from /hello/world\n");

    await host.post("/api/plugins/hello/restart");
    const second = await startedTimes(host, 1);
    expect(second).not.toBe(pid);
    expect(await hello(host)).toBe("200 text/plain Hello from /hello/world\n");

    process.kill(second, "SIGKILL");
    await startedTimes(host, 2);
    expect(await hello(host)).toBe("200 text/plain Hello from /hello/world\n");

    expect(await host.stop()).toBe(0);
    const kills = (await host.log("plugin-supervisor.log")).filter(({ message }) => message === "kill");
    expect(kills).toEqual([]);
  });

  test("Python plugin: it stays healthy through many health checks and requests at once", async () => {
    await using host = await TestHost.start({
      prepare: async (host) => host.installText("hello.binary", await textOfReadme()),
      env: { TORU_HEALTH_INTERVAL_MS: "50" },
    });
    const { pid } = await host.reaches("hello", "running", "healthy");
    for (let round = 1; round <= 10; round += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => hello(host)));
      expect(new Set(answers)).toEqual(new Set(["200 text/plain Hello from /hello/world\n"]));
      await Bun.sleep(20);
    }
    expect(await host.plugin("hello")).toMatchObject({ pid, health: "healthy", restarts: 0 });
  });
});
