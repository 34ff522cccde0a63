import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlugin, type StartedPlugin, type StartOptions } from "@toru/plugin/testing";
import { HostLink } from "../src/testing/host-link.ts";
import { pathWith, run, RUNTIMES, SDK, toruPlugin, until } from "./built-plugin.fixture.ts";

const GOLDEN = join(SDK, "../../spec/golden/invalid-frames.json");

/** What a promise rejects with, as text. */
const fault = (promise: Promise<unknown>) => promise.then(() => "no error", String);

let folder = "";
let binary = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-probe-"));
  binary = join(folder, "probe.binary");
  const built = await toruPlugin(join(SDK, "tests/probe"), ["build", "plugin.ts", "--output", binary]);
  expect(built).toMatchObject({ code: 0, stderr: "" });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([...RUNTIMES])("a built plugin on %s", (runtime) => {
  let path: Awaited<ReturnType<typeof pathWith>>;
  beforeAll(async () => {
    path = await pathWith(runtime);
  });
  afterAll(() => path[Symbol.asyncDispose]());

  const start = (options: StartOptions = {}) =>
    startPlugin(binary, { ...options, env: { PATH: path.path, ...options.env } });
  const json = async (plugin: StartedPlugin, at: string, init?: Parameters<StartedPlugin["fetch"]>[1]) =>
    (await plugin.fetch(at, init)).json();
  const messages = (plugin: StartedPlugin) => plugin.logs.map(({ message }) => message);

  test("--metadata prints the manifest alone on stdout, whatever the plugin prints while it loads", async () => {
    const { code, stdout, stderr } = await run([binary, "--metadata"], folder, { PATH: path.path });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      id: "probe",
      name: "Probe",
      version: "1.0.0",
      icon: "zap",
      route: "/probe",
      description: "for tests",
      protocol: 2,
      handles: ["http", "kv"],
    });
    expect(stderr).toBe("printed while loading\n");
  });

  test("started by hand it says what it is and ends with code 2", async () => {
    const { code, stderr } = await run([binary], folder, { PATH: path.path });
    expect(code).toBe(2);
    expect(stderr).toMatch(/Probe, a plugin for Toru.*plugins folder as probe\.binary; --metadata/);
  });

  test("init runs once, with the store and the data folder, also where the host connects again", async () => {
    await using plugin = await start();
    await until("init has stored", () => plugin.store.size === 2);
    expect(Object.fromEntries(plugin.store)).toEqual({
      init: "00000000-0000-4000-8000-000000000000",
      "data-dir": "true",
    });
    plugin.link.close();
    await (plugin as StartedPlugin & { connect(): Promise<void> }).connect();
    expect(await json(plugin, "/counts")).toMatchObject({ inits: 1 });
    expect(await (await plugin.fetch("/kv")).json()).toMatchObject({ 0: "2" });
  });

  test("a plugin whose init fails says why and ends with code 1", async () => {
    await using plugin = await start({ store: new Map([["fail-init", ""]]) });
    const code = await new Promise((resolve) => plugin.process.once("exit", resolve));
    expect(code).toBe(1);
    const line = plugin.logs.find(({ level }) => level === "error");
    expect(line?.message).toContain("init failed");
    expect(line?.error).toContain("init was told to fail");
  });

  test("an init of another version is refused", async () => {
    await using plugin = await start();
    const reply = await plugin.link.request("lifecycle", { action: "init", protocol: 3 });
    expect(reply).toMatchObject({ error: { code: "unsupported" } });
  });

  test("a request arrives whole: method, address, headers, body, who asks", async () => {
    await using plugin = await start();
    const { url, ...echo } = await json(plugin, "/echo?x=1&y=%20", {
      method: "PUT",
      body: "söme",
      headers: { cookie: "a=1; b=2", "x-tag": "t" },
      user: { name: "eva", role: "user" },
    });
    expect(url).toBe("http://panel.example/echo?x=1&y=%20");
    expect(echo).toMatchObject({
      method: "PUT",
      body: Buffer.from("söme").toString("base64"),
      headers: { cookie: "a=1; b=2", host: "panel.example", "x-tag": "t", "x-toru-user": "eva" },
      user: { name: "eva", role: "user" },
    });
    const bytes = new Uint8Array([255, 0, 128]);
    const binaryEcho = await json(plugin, "/echo", { method: "POST", body: bytes, user: null });
    expect(binaryEcho).toMatchObject({ body: Buffer.from(bytes).toString("base64"), user: null });
  });

  test("the path is relative to the route, and a header of several values is joined", async () => {
    await using plugin = await start();
    const urlOf = async (path: string, headers: object = { host: "h:1" }) => {
      const reply = await plugin.link.request("http", { method: "GET", path, headers, body: null });
      return reply["status"] === 200 ? JSON.parse(String(reply["body"])) : reply["body"];
    };
    expect((await urlOf("/probe/echo?x=1")).url).toBe("http://h:1/echo?x=1");
    expect((await urlOf("/echo")).url).toBe("http://h:1/echo");
    expect((await urlOf("/PROBE/echo")).url).toBe("http://h:1/echo");
    expect(await urlOf("/probe")).toBe("nothing at /");
    expect(await urlOf("/probe?x")).toBe("nothing at /");
    expect(await urlOf("/prober")).toBe("nothing at /prober");
    expect(await urlOf("/bundle.js")).toBe("nothing at /bundle.js");
    expect((await urlOf("/echo", { "x-tag": ["a", "b"] })).headers["x-tag"]).toBe("a, b");
    expect((await urlOf("/echo", { host: "not a host" })).url).toBe("http://plugin/echo");
  });

  test("a request that is none is refused, and the next one is served", async () => {
    await using plugin = await start();
    for (const payload of [{ method: "GET" }, { method: "B A D", path: "/" }, { method: 1, path: "/" }]) {
      expect(await plugin.link.request("http", payload)).toMatchObject({ error: { code: "invalid_request" } });
    }
    expect((await plugin.fetch("/echo")).status).toBe(200);
  });

  test("an answer arrives whole: bytes, byte order mark, cookies apart, statuses without a body, HEAD", async () => {
    await using plugin = await start();
    expect(await (await plugin.fetch("/bytes")).bytes()).toEqual(new Uint8Array([0, 255, 1]));
    const reply = await plugin.link.request("http", { method: "GET", path: "/bom", headers: {}, body: null });
    expect(reply["body"]).toBe("\uFEFFx");
    const cookies = await plugin.fetch("/cookies");
    expect(cookies.status).toBe(201);
    expect(cookies.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(cookies.headers.get("x-one")).toBe("1");
    for (const [path, status] of [
      ["/empty", 204],
      ["/unchanged", 304],
    ] as const) {
      const reply = await plugin.link.request("http", { method: "GET", path, headers: {}, body: null });
      expect(reply).toMatchObject({ status, body: null });
    }
    const head = await plugin.link.request("http", { method: "HEAD", path: "/cookies", headers: {}, body: null });
    expect(head).toMatchObject({ status: 201, body: null });
  });

  test("without streams: a body is collected; one that does not fit an answer is an error and a line in the log", async () => {
    await using plugin = await start({ features: [] });
    expect(await (await plugin.fetch("/stream")).text()).toBe("part 3 part 2 part 1 ");
    expect(await fault(plugin.fetch("/endless"))).toContain("too_large");
    await until("the stream was told to stop", async () => (await json(plugin, "/counts")).cancelled === 1);
    expect(await fault(plugin.fetch("/escapes"))).toContain("too_large"); // 4 MiB that are 24 MiB as JSON
    expect(messages(plugin)).toContain("GET /endless failed");
    expect(messages(plugin)).toContain("An answer is too large");
  });

  test("what a handler throws is logged with its cause; the client learns nothing of it", async () => {
    await using plugin = await start();
    const error = await plugin.fetch("/throws").then(String, String);
    expect(error).toContain("(internal)");
    expect(error).not.toContain("secret");
    const line = plugin.logs.find(({ message }) => message === "GET /throws failed");
    expect(line).toMatchObject({ level: "error" });
    expect(line?.error).toMatch(/secret detail[\s\S]*caused by:[\s\S]*deeper/);
    expect(await fault(plugin.fetch("/nothing"))).toContain("internal");
    expect(plugin.logs.at(-1)?.error).toContain("is a return missing?");
  });

  test("requests are worked on at the same time, and a ping is answered between them", async () => {
    await using plugin = await start();
    const stuck = Array.from({ length: 20 }, () => plugin.fetch("/stuck"));
    await until("all are in", async () => (await json(plugin, "/counts")).entered === 20);
    expect(await plugin.link.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    await plugin.fetch("/release");
    expect(await Promise.all(stuck.map(async (answer) => (await answer).text()))).toEqual(Array(20).fill("released"));
  });

  test("one request over the bound in flight is refused as busy", async () => {
    await using plugin = await start();
    const stuck = Array.from({ length: 1023 }, () => fault(plugin.fetch("/stuck")));
    plugin.link.request("http", { method: "GET", path: "/wait", headers: {}, body: null }, "w").catch(() => undefined);
    expect(await fault(plugin.fetch("/echo"))).toContain("busy");
    expect(await plugin.link.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    plugin.link.send("http", { cancel: true }, "w"); // this one heeds it; the others would go on
    await until("there is room again", async () => (await fault(plugin.fetch("/release"))) === "no error");
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(["no error"]));
  });

  test("answers wait for a host that reads slowly; above 64 MiB of them new requests are refused", async () => {
    await using plugin = await start({ features: [] });
    await until("init has stored", () => plugin.store.size === 2);
    plugin.link.pause();
    const sizeOf = async (answer: Promise<Response>) => (await (await answer).text()).length;
    const slow = Promise.all(Array.from({ length: 24 }, () => sizeOf(plugin.fetch("/large"))));
    const second = await HostLink.open(join(plugin.dataDir, "../plugin.sock"), 10_000, () => null);
    await second.request("lifecycle", { action: "init", protocol: 2 });
    const counts = { method: "GET", path: "/counts", headers: {}, body: null };
    await until("all are answered", async () => {
      return (JSON.parse(String((await second.request("http", counts))["body"])) as { entered: number }).entered === 24;
    });
    const refused = fault(plugin.fetch("/echo"));
    expect(await second.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    plugin.link.resume();
    expect(new Set(await slow)).toEqual(new Set([4 * 1024 * 1024]));
    expect(await refused).toContain("busy");
    expect((await plugin.fetch("/echo")).status).toBe(200);
    second.close();
  });

  test("a cancel aborts the signal of its request, and no reply is sent", async () => {
    await using plugin = await start();
    const replies: unknown[] = [];
    const waiting = plugin.link.request("http", { method: "GET", path: "/wait", headers: {}, body: null }, "mine");
    waiting.then(
      (reply) => replies.push(reply),
      () => undefined,
    );
    await until("it waits", async () => (await json(plugin, "/counts")).entered === 1);
    plugin.link.send("http", { cancel: true }, "mine");
    plugin.link.send("http", { cancel: true }, "never seen");
    await until("it was aborted", async () => (await json(plugin, "/counts")).cancelled === 1);
    await plugin.fetch("/echo");
    expect(replies).toEqual([]);
    expect(messages(plugin)).toContain("aborted");
    expect(messages(plugin)).not.toContain("GET /wait failed");
  });

  test("a connection that is lost aborts its requests", async () => {
    await using plugin = await start();
    plugin.fetch("/wait").catch(() => undefined);
    await until("it waits", async () => (await json(plugin, "/counts")).entered === 1);
    plugin.link.close();
    await (plugin as StartedPlugin & { connect(): Promise<void> }).connect();
    await until("it was aborted", async () => (await json(plugin, "/counts")).cancelled === 1);
  });

  test("the store: strings or null, keys in order, limits named by code before anything is sent", async () => {
    await using plugin = await start();
    await until("init has stored", () => plugin.store.size === 2);
    expect(await json(plugin, "/kv")).toEqual(["2", null, "", { keys: ["b"], more: true }]);
    expect(await json(plugin, "/kv-limits")).toEqual([
      "invalid_key",
      "invalid_key",
      "invalid_key",
      "value_too_large",
      "invalid_request",
      "invalid_request",
    ]);
  });

  test("key-value requests of the host are answered where the plugin handles them", async () => {
    await using plugin = await start();
    expect(await plugin.link.request("kv", { action: "get", key: "k" })).toEqual({ value: "k" });
    expect(await plugin.link.request("kv", { action: "list" })).toEqual({ keys: ["a"], more: false });
  });

  test("log lines arrive with level, fields and error; those from before the connection too; console goes to the output", async () => {
    await using plugin = await start();
    await plugin.fetch("/log");
    expect(plugin.logs[0]).toEqual({ level: "info", message: "said while loading" });
    const [plain, warning, odd] = plugin.logs.slice(1);
    expect(plain).toEqual({ level: "debug", message: "plain" });
    expect(warning).toMatchObject({ level: "warn", fields: { n: 1, at: "1970-01-01T00:00:00.000Z" } });
    expect(warning?.error).toContain("Error: why");
    expect(odd?.fields).toMatchObject({ big: "10" });
    await until("the output is read", () => plugin.output.includes("to stdout") && plugin.output.includes("to stderr"));
  });

  test("shutdown: what is in flight finishes, new requests are refused, the hook runs, the code is 0", async () => {
    await using plugin = await start();
    const working = plugin.fetch("/until-go");
    await until("it is in", async () => (await json(plugin, "/counts")).entered === 1);
    const ended = plugin.stop(60_000);
    expect(await fault(plugin.fetch("/echo"))).toContain("stopping");
    expect(await plugin.link.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    plugin.store.set("go", "1");
    expect(await (await working).text()).toBe("finished");
    expect(await ended).toBe(0);
    expect(plugin.store.get("shutdown")).toBe("called");
  });

  test("shutdown ends a request that takes longer than the grace, and the last lines arrive", async () => {
    await using plugin = await start();
    plugin.fetch("/wait").catch(() => undefined);
    await until("it waits", async () => (await json(plugin, "/counts")).entered === 1);
    expect(await plugin.stop(50)).toBe(0);
    expect(messages(plugin)).toEqual(["said while loading", "aborted", "shutdown was called"]);
    expect(plugin.logs.at(-1)?.fields).toEqual({ aborted: true });
    expect(plugin.store.get("shutdown")).toBe("called");
  });

  test("SIGTERM does the same", async () => {
    await using plugin = await start();
    const ended = new Promise((resolve) => plugin.process.once("exit", (code, signal) => resolve([code, signal])));
    plugin.process.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(plugin.store.get("shutdown")).toBe("called");
  });

  test("the end of stdin ends the plugin; a stdin that is no pipe does not", async () => {
    await using plugin = await start();
    const ended = new Promise((resolve) => plugin.process.once("exit", (code, signal) => resolve([code, signal])));
    plugin.process.stdin?.end();
    expect(await ended).toEqual([0, null]);
    const socket = join(folder, `null-${runtime}.sock`);
    const env = { PATH: path.path, TORU_PLUGIN_SOCKET: socket };
    await using child = Bun.spawn([binary], { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    const link = await HostLink.open(socket, 10_000, () => null);
    expect(await link.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    expect(child.exitCode).toBeNull();
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    link.close();
  });

  test("the socket is for its owner alone; a dead one is replaced, a living one and a file are refused", async () => {
    const socket = join(folder, `taken-${runtime}.sock`);
    const env = { PATH: path.path, TORU_PLUGIN_SOCKET: socket };
    await using child = Bun.spawn([binary], { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    const link = await HostLink.open(socket, 10_000, () => null);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    const second = await run([binary], folder, env);
    expect(second).toMatchObject({ code: 1 });
    expect(second.stderr).toContain("another process listens");
    link.close();
    child.kill("SIGKILL");
    await child.exited;
    await using third = Bun.spawn([binary], { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    const again = await HostLink.open(socket, 10_000, () => null);
    expect(await again.request("lifecycle", { action: "ping" })).toEqual({ action: "pong" });
    again.close();
    third.kill("SIGTERM");
    expect(await third.exited).toBe(0);
    await writeFile(socket, "");
    const fourth = await run([binary], folder, env);
    expect(fourth).toMatchObject({ code: 1 });
    expect(fourth.stderr).toContain("is no socket");
  });

  test("a breach of the protocol closes its connection and nothing else", async () => {
    await using plugin = await start();
    const invalid = (await Bun.file(GOLDEN).json()) as { hex: string; error: string }[];
    const open = () => HostLink.open(`${plugin.dataDir}/../plugin.sock`, 10_000, () => null);
    for (const { hex, error } of invalid.filter(({ error }) => error !== "frame_truncated")) {
      const link = await open();
      link.write(Buffer.from(hex, "hex"));
      await link.closed;
      expect(error).not.toBe("");
    }
    const early = await open();
    early.send("http", { method: "GET", path: "/echo", headers: {}, body: null }, "1");
    await early.closed;
    expect((await plugin.fetch("/echo")).status).toBe(200);
    expect(messages(plugin).filter((message) => message.includes("broke the protocol")).length).toBeGreaterThan(10);
  });
});

test("without node and bun the plugin says what it wants", async () => {
  const { code, stderr } = await run(["/bin/sh", binary, "--metadata"], folder, { PATH: folder });
  expect(code).toBe(127);
  expect(stderr).toContain("wants node (20 or later) or bun");
});

test("a Node that is too old is passed over", async () => {
  await using bun = await pathWith("bun");
  await Bun.write(join(bun.path, "node"), "#!/bin/sh\necho v18.20.4\n");
  await Bun.spawn(["chmod", "+x", join(bun.path, "node")]).exited;
  const { code, stdout } = await run([binary, "--metadata"], folder, { PATH: bun.path });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "probe" });
});

test("a package.json further up, whatever its type, does not matter to the file", async () => {
  await Bun.write(join(folder, "package.json"), '{"type":"module"}');
  for (const runtime of RUNTIMES) {
    await using path = await pathWith(runtime);
    expect(await run([binary, "--metadata"], folder, { PATH: path.path })).toMatchObject({ code: 0 });
  }
});

test("a full backlog belongs to somebody", async () => {
  const socket = join(folder, "mute.sock");
  const server = createServer(() => undefined).listen(socket);
  const { code, stderr } = await run([binary], folder, { PATH: process.env["PATH"], TORU_PLUGIN_SOCKET: socket });
  expect(code).toBe(1);
  expect(stderr).toContain("another process listens");
  server.close();
});
