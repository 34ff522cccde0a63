import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { storedEventTypes, supervisorLines } from "./support/plugin-history.ts";
import { eventually } from "./support/eventually.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const INTERVAL_MS = 700;
const REQUEST_TIMEOUT_MS = 400;

/** A version 1 plugin that takes init, then closes its socket and lives on. */
const CLOSES_ITS_SOCKET = `#!/usr/bin/env python3
import json, os, socket, sys
if "--metadata" in sys.argv:
    print(json.dumps({"id": "closes", "name": "Closes", "version": "1", "icon": "🚪", "route": "/closes"}))
    sys.exit()
listener = socket.socket(socket.AF_UNIX)
listener.bind(os.environ["TORU_PLUGIN_SOCKET"])
listener.listen(1)
connection, _ = listener.accept()
while connection.recv(65536):
    pass
listener.close()
sys.stdin.read()
`;

describe.concurrent("Plugin Supervision: health", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: {
        TORU_HEALTH_INTERVAL_MS: String(INTERVAL_MS),
        TORU_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        TORU_STABLE_AFTER_MS: "1",
      },
      prepare: async (host) => {
        await host.installText("closes.binary", CLOSES_ITS_SOCKET);
        await host.install("v2", "deaf", { behaviour: "ignore-ping", after: 1 });
        for (const id of ["two", "forgetful", "frozen"]) await host.install("v2", id);
        for (const id of ["direct", "patient", "frozen-one"]) await host.install("v1-direct", id);
      },
    });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  /** Waits for the first abort of a plugin and checks how it came to it. */
  async function expectRestartAtThirdMiss(id: string, reason: string): Promise<void> {
    const kill = await until(`${id} is killed`, () => line(id, (fields) => fields["signal"] === "SIGKILL"));
    const sick = await line(id, (fields) => fields["health"] === "unhealthy");
    expect(sick?.fields["reason"]).toContain(reason);
    // The first miss shows, the second follows an interval later, the third another.
    expect(Date.parse(kill.timestamp) - Date.parse(sick?.timestamp ?? "")).toBeGreaterThanOrEqual(1.8 * INTERVAL_MS);
    await until(`${id} runs again`, () => line(id, (fields) => fields["from"] === "starting", kill.timestamp));
    const events = ["started", "unhealthy", "crashed", "restarted"];
    await eventually(async () => expect((await storedEventTypes(host, id)).slice(0, 4)).toEqual(events));
    const crash = (await host.plugin(id))?.crash;
    expect(crash).toMatchObject({ signal: "SIGKILL", reason: expect.stringContaining(reason) });
  }

  async function line(id: string, matches: (fields: Record<string, unknown>) => boolean, after = "") {
    const lines = await supervisorLines(host, id);
    return lines.find(({ timestamp, fields }) => matches(fields) && timestamp > after) ?? null;
  }

  async function timeOut(id: string, requests: number): Promise<void> {
    const path = `/plugins/${id}/sleep?ms=${REQUEST_TIMEOUT_MS * 2}`;
    const answers = await Promise.all(Array.from({ length: requests }, () => host.fetch(path)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: requests }, () => 504));
  }

  test("Monitor plugin health: a version 2 plugin is pinged again and again on its one connection", async () => {
    await host.reaches("two", "running", "healthy");
    const seen = await until("three pings", async () => {
      const seen = await host.json<{ pings: number; connections: number; inits: number }>("/plugins/two/init");
      return seen.pings >= 3 ? seen : null;
    });
    expect(seen).toMatchObject({ connections: 1, inits: 1 });
  });

  test("Monitor plugin health: missed pings make it unhealthy, the next answer heals it", async () => {
    const { pid } = await host.reaches("forgetful", "running", "healthy");
    expect((await host.fetch("/plugins/forgetful/ignore-pings?count=2")).status).toBe(200);
    const sick = await host.reaches("forgetful", "running", "unhealthy");
    expect(sick.health_reason).toContain("no answer to a ping");
    expect((await host.fetch("/plugins/forgetful/x")).status).toBe(200);
    const healed = await host.reaches("forgetful", "running", "healthy");
    expect(healed).toMatchObject({ pid, restarts: 0, health_reason: null });
    await eventually(async () => expect(await storedEventTypes(host, "forgetful")).toEqual(["started", "unhealthy"]));
  });

  test("Monitor plugin health: one that ignores pings is unhealthy at once, killed and restarted at the third", () =>
    expectRestartAtThirdMiss("deaf", "no answer to a ping"));

  test("Monitor plugin health: one that is stopped by SIGSTOP is killed and restarted", async () => {
    const { pid } = await host.reaches("frozen", "running", "healthy");
    process.kill(pid ?? 0, "SIGSTOP");
    await expectRestartAtThirdMiss("frozen", "no answer to a ping");
    expect((await host.reaches("frozen", "running", "healthy")).pid).not.toBe(pid);
    expect((await host.fetch("/plugins/frozen/x")).status).toBe(200);
  });

  test("Monitor plugin health: a version 1 plugin whose socket is gone is killed and restarted", () =>
    expectRestartAtThirdMiss("closes", "no longer listening"));

  test("Monitor plugin health: three requests in a row over the limit make version 1 unhealthy, an answer heals it", async () => {
    const { pid } = await host.reaches("direct", "running", "healthy");
    await timeOut("direct", 3);
    const sick = await host.reaches("direct", "running", "unhealthy");
    expect((await host.fetch("/plugins/direct/x")).status).toBe(200);
    expect(sick.health_reason).toContain("3 requests in a row got no answer in time");
    expect(await host.reaches("direct", "running", "healthy")).toMatchObject({ pid, restarts: 0 });
  });

  test("Monitor plugin health: timeouts with an answer between them leave version 1 healthy", async () => {
    await host.reaches("patient", "running", "healthy");
    await timeOut("patient", 2);
    expect((await host.fetch("/plugins/patient/x")).status).toBe(200);
    await timeOut("patient", 2);
    await Bun.sleep(2 * INTERVAL_MS); // a check would have seen it by now
    expect(await storedEventTypes(host, "patient")).toEqual(["started"]);
  });

  test("Monitor plugin health: a version 1 plugin that is stopped by SIGSTOP is killed when requests find it", async () => {
    const { pid } = await host.reaches("frozen-one", "running", "healthy");
    process.kill(pid ?? 0, "SIGSTOP");
    await timeOut("frozen-one", 3);
    await expectRestartAtThirdMiss("frozen-one", "3 requests in a row");
    expect((await host.fetch("/plugins/frozen-one/x")).status).toBe(200);
  });
});
