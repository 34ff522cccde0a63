import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { RunningCommand } from "./support/command.ts";
import { isRunning } from "./support/is-running.ts";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** Answers every request with `answer`; `/bundle.js` as a page that shows it. */
function source(answer: string): string {
  return `#!/usr/bin/env python3
import json, os, socket, struct, sys
if "--metadata" in sys.argv:
    print(json.dumps({"id": "draft", "name": "Draft", "version": "1", "icon": "📝", "route": "/draft", "protocol": 2}))
    sys.exit()
server = socket.socket(socket.AF_UNIX)
server.bind(os.environ["TORU_PLUGIN_SOCKET"])
server.listen()
stream = server.accept()[0].makefile("rwb")
while header := stream.read(4):
    message = json.loads(stream.read(struct.unpack(">I", header)[0]))
    payload = message["payload"]
    if payload.get("action") == "shutdown":
        sys.exit()
    answer = {"status": 200, "headers": {}, "body": ${JSON.stringify(answer)}}
    if message["type"] == "lifecycle":
        answer = {"action": "ready" if payload["action"] == "init" else "pong", "features": []}
    data = json.dumps({**message, "payload": answer}).encode()
    stream.write(struct.pack(">I", len(data)) + data)
    stream.flush()
`;
}

/** Its build refuses a source with the word "broken"; its setup leaves a mark. */
const PROJECT = {
  id: "draft",
  setup: [{ run: "mkdir -p made && echo set up >> made/log", creates: "made" }],
  steps: [
    { run: "mkdir -p made && echo page >> made/steps", watch: ["page"] },
    {
      run: "echo build >> made/steps; mkdir -p out; if grep -n broken src/draft.py; then exit 3; fi; cp src/draft.py out/draft",
      watch: ["src"],
    },
  ],
  output: "out/draft",
};

async function makeProject(folder: string): Promise<string> {
  const project = join(folder, "project");
  await mkdir(join(project, "page"), { recursive: true });
  await Bun.write(join(project, "toru.json"), JSON.stringify(PROJECT));
  await Bun.write(join(project, "src/draft.py"), source("first"));
  return project;
}

describe("toru dev on the running host", () => {
  let host: TestHost;
  let project: string;
  beforeAll(async () => {
    host = await TestHost.start();
    project = await makeProject(host.folder);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const answers = (text: string) =>
    until(`the plugin answers ${text}`, async () => (await (await host.fetch("/plugins/draft")).text()) === text);

  test("builds and installs at once, and again at each save; what does not build leaves the version before", async () => {
    await using command = new RunningCommand(host, ["dev", project]);
    await command.says("✓ Draft 1 runs");
    await answers("first");
    expect((await host.plugin("draft"))?.development).toBe(true);
    expect(await readFile(join(project, "made/log"), "utf8")).toBe("set up\n");

    await Bun.write(join(project, "src/draft.py"), source("second"));
    await answers("second");

    await Bun.write(join(project, "src/draft.py"), source("broken"));
    await command.says("✗ failed");
    expect(command.stdout).toContain("broken"); // what the build printed
    await answers("second");

    await Bun.write(join(project, "src/draft.py"), source("third"));
    await answers("third");

    const stepsBefore = await readFile(join(project, "made/steps"), "utf8");
    await Bun.write(join(project, "page/page.js"), "// new");
    await until("the page's step and the one behind it ran", async () => {
      const steps = await readFile(join(project, "made/steps"), "utf8");
      return steps.slice(stepsBefore.length) === "page\nbuild\n";
    });

    command.signal("SIGINT");
    expect(await command.exited()).toBe(0);
    expect(await host.plugin("draft")).toMatchObject({ development: false, status: "running" });
  });

  test.concurrent("a killed command leaves a plugin that is watched as usual soon after", async () => {
    await using command = new RunningCommand(host, ["dev", project]);
    await until("it is in development", async () => (await host.plugin("draft"))?.development === true);
    command.signal("SIGKILL");
    await command.exited();
    await until("the lease is over", async () => (await host.plugin("draft"))?.development === false, 40_000);
  });

  test.concurrent("a host that was away is found again at the next save", async () => {
    await using own = await TestHost.start();
    const project = await makeProject(own.folder);
    await using command = new RunningCommand(own, ["dev", project]);
    await command.says("✓ Draft 1 runs");
    await own.stop();
    await Bun.write(join(project, "src/draft.py"), source("while it was away"));
    await command.says("✗ no running host answers");
    await using again = await own.again();
    await again.reaches("draft", "running", "healthy");
    await Bun.write(join(project, "src/draft.py"), source("back"));
    await until("the save shows", async () => (await (await again.fetch("/plugins/draft")).text()) === "back");
    command.signal("SIGINT");
    expect(await command.exited()).toBe(0);
  });

  test.concurrent("what is wrong with a project is said with what to do", async () => {
    const nowhere = await host.command("dev", join(host.folder, "nowhere"));
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("make one with: toru new") });
    const odd = join(host.folder, "odd");
    await Bun.write(join(odd, "toru.json"), '{"id": "draft", "steps": []}');
    const { code, stderr } = await host.command("dev", odd);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/steps[\s\S]*output|output[\s\S]*steps/)]);
    await Bun.write(
      join(odd, "toru.json"),
      JSON.stringify({ id: "other", steps: [{ run: "true", watch: ["src"] }], output: "made" }),
    );
    await using command = new RunningCommand(host, ["dev", odd]);
    await command.says("the build made no made, which toru.json names as its output");
  });
});

test("toru dev without a running host starts one of the project's own, and ends it", async () => {
  await using host = await TestHost.start(); // only for its folder and environment
  await host.stop();
  const project = await makeProject(host.folder);
  await using command = new RunningCommand(host, ["dev", project, "--port", "0"]);
  await command.says("Toru listens on http://127.0.0.1:");
  await command.says("✓ Draft 1 runs");
  expect(await exists(join(project, ".toru/plugins/draft.binary"))).toBe(true);
  const pid = await until("the plugin's process is known", async () => pluginPid(project));
  command.signal("SIGTERM");
  expect(await command.exited()).toBe(0);
  await until("the plugin has ended too", async () => !(await isRunning(pid)));
  await rm(project, { recursive: true });
});

/** From the supervisor's log of the project's own host. */
async function pluginPid(project: string): Promise<number | null> {
  const log = await readFile(join(project, ".toru/logs/plugin-supervisor.log"), "utf8").catch(() => "");
  const spawn = log.split("\n").find((line) => line.includes('"event":"spawn"'));
  return spawn === undefined ? null : (JSON.parse(spawn) as { fields: { pid: number } }).fields.pid;
}
