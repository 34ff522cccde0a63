import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@toru/http-api";
import { storedEventTypes, supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MAX_FRAME_BYTES = 262_144;
const REQUEST_TIMEOUT_MS = 1000;

interface Fault {
  path: string;
  problem: "plugin-protocol-error" | "plugin-died";
  /** What the supervisor's log says was wrong; null where nothing was but the loss. */
  words: string | null;
}

/** Each of these ends the connection, once in the life of its plugin. */
const LOSSES: Record<string, Fault> = {
  byte: { path: "garbage?kind=byte", problem: "plugin-protocol-error", words: "starts with byte 0x67" },
  array: { path: "garbage?kind=array", problem: "plugin-protocol-error", words: "starts with byte 0x5b" },
  json: { path: "garbage?kind=json", problem: "plugin-protocol-error", words: "not valid JSON" },
  utf8: { path: "garbage?kind=utf8", problem: "plugin-protocol-error", words: "not valid UTF-8" },
  "four-gib": { path: "huge-length", problem: "plugin-protocol-error", words: "announced 4294967295 bytes" },
  zero: { path: "huge-length?length=0", problem: "plugin-protocol-error", words: "announced 0 bytes" },
  "one-over": {
    path: `huge-length?length=${MAX_FRAME_BYTES + 1}`,
    problem: "plugin-protocol-error",
    words: `announced ${MAX_FRAME_BYTES + 1} bytes`,
  },
  "large-reply": { path: `large?bytes=${MAX_FRAME_BYTES}`, problem: "plugin-protocol-error", words: "announced" },
  truncated: { path: "truncated", problem: "plugin-protocol-error", words: "ended inside a frame" },
  closed: { path: "close-connection", problem: "plugin-died", words: null },
};

describe("Protocol faults of version 2", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: {
        TORU_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        TORU_MAX_FRAME_BYTES: String(MAX_FRAME_BYTES),
        TORU_HEALTH_INTERVAL_MS: "5000",
        TORU_BACKOFF_BASE_MS: "1500",
      },
      prepare: async (host) => {
        for (const id of ["good", "other", "again", "dies", "held", ...Object.keys(LOSSES)])
          await host.install("v2", id);
        await host.install("v2", "late", { behaviour: "bind-late", ms: 1500 });
      },
    });
    for (const id of ["good", "other", ...Object.keys(LOSSES)]) await host.reaches(id, "running", "healthy");
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function expectProblem(response: Response, status: number, code: string, plugin: string): Promise<string> {
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const body = (await response.json()) as Problem;
    expect(body).toMatchObject({ status, type: `/problems/${code}`, plugin });
    expect(response.status).toBe(status);
    return body.detail;
  }

  async function expectRetryLater(id: string): Promise<void> {
    const response = await host.fetch(`/plugins/${id}/x`);
    const retryAfter = response.headers.get("retry-after");
    await expectProblem(response, 503, "plugin-not-ready", id);
    expect(retryAfter).toMatch(/^[1-9]\d?$/);
  }

  const connectionsOf = (id: string) => host.json<{ connections: number; inits: number }>(`/plugins/${id}/init`);

  async function cancelledOf(id: string): Promise<string[]> {
    return (await host.json<{ cancelled: string[] }>(`/plugins/${id}/cancelled`)).cancelled;
  }

  test.each(Object.entries(LOSSES))(
    "Lost connection (%s): all in flight get 502, it is made again with init",
    async (id, fault) => {
      const { pid } = await host.reaches(id, "running", "healthy");
      const inFlight = host.fetch(`/plugins/${id}/hang`);
      await expectProblem(await host.fetch(`/plugins/${id}/${fault.path}`), 502, fault.problem, id);
      expect((await inFlight).status).toBe(502);
      expect((await host.fetch("/plugins/good/x")).status).toBe(200);
      const seen = await until("the plugin answers again", async () => {
        const response = await host.fetch(`/plugins/${id}/init`);
        return response.status === 200 ? ((await response.json()) as Record<string, unknown>) : null;
      });
      expect(seen).toMatchObject({ connections: 2, inits: 2 });
      expect(await host.reaches(id, "running", "healthy")).toMatchObject({ pid, restarts: 0, crashes: 0 });
      const words = fault.words ?? "closed its connection";
      const line = await until("the log says why", async () =>
        (await supervisorLines(host, id)).find((line) => JSON.stringify(line).includes(words)),
      );
      expect(line.level).toBe(fault.words === null ? "info" : "warn");
      expect(await storedEventTypes(host, id)).toEqual(["started", "unhealthy"]);
    },
  );

  test("Lost connection: while it is made again the plugin is unhealthy and its routes answer 503", async () => {
    const { pid } = await host.reaches("held", "running", "healthy");
    expect((await host.fetch("/plugins/held/close-connection")).status).toBe(502);
    process.kill(pid ?? 0, "SIGSTOP");
    await expectRetryLater("held");
    await host.reaches("held", "running", "unhealthy");
    await expectRetryLater("held");
    process.kill(pid ?? 0, "SIGCONT");
    expect(await host.reaches("held", "running", "healthy")).toMatchObject({ pid, restarts: 0 });
    expect(await connectionsOf("held")).toMatchObject({ connections: 2, inits: 2 });
  });

  test.concurrent("Lost connection: the second time the plugin is restarted", async () => {
    const { pid } = await host.reaches("again", "running", "healthy");
    expect((await host.fetch("/plugins/again/close-connection")).status).toBe(502);
    await until("it answers again", async () => (await host.fetch("/plugins/again/x")).status === 200);
    expect((await host.fetch("/plugins/again/garbage")).status).toBe(502);
    const { crash } = await host.reaches("again", "backoff");
    expect(crash).toMatchObject({ signal: "SIGKILL", reason: expect.stringContaining("broke the protocol") });
    await expectRetryLater("again");
    expect((await host.reaches("again", "running", "healthy")).pid).not.toBe(pid);
    expect(await connectionsOf("again")).toMatchObject({ connections: 1, inits: 1 });
  });

  test.concurrent("Starting: the routes answer 503 with Retry-After until the plugin listens", async () => {
    await host.post("/api/plugins/late/restart");
    await until("it is being started", async () => (await host.plugin("late"))?.status === "starting");
    await expectRetryLater("late");
    await host.reaches("late", "running");
    expect((await host.fetch("/plugins/late/x")).status).toBe(200);
  });

  test.concurrent("Death with requests in flight: each gets 502, later ones 503 with Retry-After", async () => {
    await host.reaches("dies", "running", "healthy");
    const inFlight = Array.from({ length: 10 }, () => host.fetch("/plugins/dies/hang"));
    const last = host.fetch("/plugins/dies/crash?code=3");
    for (const response of await Promise.all([...inFlight, last])) {
      await expectProblem(response, 502, "plugin-died", "dies");
    }
    await expectRetryLater("dies");
    await until("it answers again", async () => (await host.fetch("/plugins/dies/x")).status === 200);
    expect(await host.plugin("dies")).toMatchObject({ restarts: 1, crash: { code: 3 } });
  });

  test("One byte at a time: the answer arrives whole", async () => {
    expect(await host.json("/plugins/good/bytewise?x=1")).toMatchObject({ method: "GET", path: "/good/bytewise?x=1" });
  });

  test("Replies to nobody and doubled replies are dropped and counted", async () => {
    const dropped = async () => {
      const metrics = await (await host.fetch("/metrics")).text();
      return Number(/^toru_plugin_dropped_replies_total\{plugin="good"\} (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await dropped();
    expect(await host.json("/plugins/good/unknown-id")).toMatchObject({ path: "/good/unknown-id" });
    expect(await host.json("/plugins/good/double-reply")).toMatchObject({ path: "/good/double-reply" });
    await until("both are counted", async () => (await dropped()) === before + 2);
  });

  test.each([
    ["type", "dropped a message"],
    ["nested", "nested deeper than 100 levels"],
  ])("A message that is none (%s) is dropped, and the supervisor's log says why", async (kind, words) => {
    expect(await (await host.fetch(`/plugins/good/garbage?kind=${kind}`)).text()).toBe("after the garbage");
    const line = await until("the log says so", async () =>
      (await supervisorLines(host, "good")).find(({ message }) => message.includes(words)),
    );
    expect(line).toMatchObject({ level: "warn", message: expect.stringContaining("dropped") });
  });

  test.each([
    ["proto", "proto", '{"__proto__":{"polluted":1}}'],
    ["nested-elsewhere", "nested-elsewhere", "{}"],
    ["doubled", "doubled", "{}"],
    ["surrogate", "surrogate \ufffd", '{"\ufffd":"\ufffd"}'],
  ])("JSON that is strange (%s) is taken for what it says, and breaks nothing", async (kind, message, fields) => {
    expect(await (await host.fetch(`/plugins/good/garbage?kind=${kind}`)).text()).toBe("after the garbage");
    const line = await until("the log has it", async () =>
      (await host.log("plugins/good.log")).find((line) => line["message"] === message),
    );
    expect(line).toMatchObject({ level: "info" });
    expect(JSON.stringify(line["fields"] ?? {})).toBe(fields);
    expect((await host.json<object[]>("/api/plugins")).some((plugin) => "polluted" in plugin)).toBe(false);
    expect(await connectionsOf("good")).toMatchObject({ connections: 1, inits: 1 });
  });

  test.each([
    ["/error", "plugin-error", "asked to fail"],
    ["/bad-status", "plugin-bad-answer", "99"],
    ["/bad-status?status=600", "plugin-bad-answer", "600"],
    ["/bad-status?status=101", "plugin-bad-answer", "101"],
    ["/bad-header", "plugin-bad-answer", "x-bad"],
  ])("A wrong answer (%s) is 502 for that request alone", async (path, code, words) => {
    const response = await host.fetch(`/plugins/good${path}`);
    expect(response.headers.get("x-injected")).toBeNull();
    expect(await expectProblem(response, 502, code, "good")).toContain(words);
    expect(await connectionsOf("good")).toMatchObject({ connections: 1, inits: 1 });
  });

  test("No answer: 504 at the limit, and the plugin is told that nobody waits", async () => {
    const waits = host.fetch("/plugins/other/hang");
    const detail = await expectProblem(await waits, 504, "plugin-timeout", "other");
    expect(detail).toContain(`${REQUEST_TIMEOUT_MS / 1000} s`);
    await until("the cancel arrived", async () => (await cancelledOf("other")).length === 1);
  });

  test("A late answer is dropped: nobody else gets it", async () => {
    const late = host.fetch(`/plugins/other/sleep?ms=${REQUEST_TIMEOUT_MS + 500}`);
    expect((await late).status).toBe(504);
    const wanted = await host.json(`/plugins/other/sleep?ms=700`);
    expect(wanted).toMatchObject({ path: "/other/sleep?ms=700" });
    expect(await connectionsOf("other")).toMatchObject({ connections: 1, inits: 1 });
  });

  test("A request that does not fit a frame, encoded, is 413 and never reaches the plugin", async () => {
    const text = "x".repeat(MAX_FRAME_BYTES);
    const bytes = new Uint8Array(Math.floor(MAX_FRAME_BYTES * 0.8)).fill(0xff); // fits, but not as base64
    for (const body of [text, bytes]) {
      const response = await host.fetch("/plugins/good/echo-bytes", { method: "POST", body });
      expect(response.status).toBe(413);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
    const fits = new Uint8Array(Math.floor(MAX_FRAME_BYTES * 0.7)).fill(0xff);
    const echoed = await host.fetch("/plugins/good/echo-bytes", { method: "POST", body: fits });
    expect((await echoed.bytes()).length).toBe(fits.length);
  });

  test("After all of it the host lives, and a plugin without faults was never touched", async () => {
    expect(host.hasExited).toBe(false);
    expect(await host.plugin("good")).toMatchObject({ status: "running", health: "healthy", restarts: 0, crashes: 0 });
    expect(await connectionsOf("good")).toMatchObject({ connections: 1, inits: 1 });
  });
});
