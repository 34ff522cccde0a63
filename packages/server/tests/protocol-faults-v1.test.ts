import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@toru/http-api";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MAX_FRAME_BYTES = 262_144;
const REQUEST_TIMEOUT_MS = 4500;

/** A version 1 plugin whose answers are what the last segment of the path says, on a connection each. */
const WRONG_ANSWERS = `#!/usr/bin/env python3
import json, os, socket, struct, sys
if "--metadata" in sys.argv:
    print(json.dumps({"id": "wrong", "name": "Wrong", "version": "1", "icon": "❌", "route": "/wrong"}))
    sys.exit()

def reply(payload, request_id):
    data = json.dumps({"type": "http", "timestamp": "2026-01-01T00:00:00Z", "request_id": request_id, "payload": payload}).encode()
    return struct.pack(">I", len(data)) + data

def answer(kind, request_id):
    good = reply({"status": 200, "headers": {}, "body": kind}, request_id)
    return {
        "garbage": b"\\0\\0\\0\\5hello",
        "huge": struct.pack(">I", 0xFFFFFFFF),
        "zero": bytes(4),
        "half": good[: len(good) // 2],
        "nothing": b"",
        "shapeless": reply([1, 2], request_id),
        "no-status": reply({"headers": {}, "body": "x"}, request_id),
        "bad-status": reply({"status": 42, "headers": {}, "body": "x"}, request_id),
        "bad-wrapped": reply({"type": "http", "request_id": request_id, "payload": {"body": "no JSON"}}, request_id),
        "bad-header": reply({"status": 200, "headers": {"x-bad": "a\\r\\nb: c"}, "body": "x"}, request_id),
        "other-id": reply({"status": 200, "headers": {}, "body": "for nobody"}, "999999") + good,
        "twice": good + good,
    }.get(kind, good)

listener = socket.socket(socket.AF_UNIX)
listener.bind(os.environ["TORU_PLUGIN_SOCKET"])
listener.listen(1)
while True:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as stream:
        header = stream.read(4)
        if len(header) < 4:
            continue
        message = json.loads(stream.read(struct.unpack(">I", header)[0]))
        if message["type"] == "http":
            path = message["payload"]["payload"]["path"]
            connection.sendall(answer(path.rsplit("/", 1)[1], message["request_id"]))
        elif message["payload"]["action"] == "shutdown":
            sys.exit(0)
`;

describe("Protocol faults of version 1", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: {
        TORU_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        TORU_MAX_FRAME_BYTES: String(MAX_FRAME_BYTES),
        TORU_HEALTH_INTERVAL_MS: "5000",
        TORU_BACKOFF_BASE_MS: "500",
      },
      prepare: async (host) => {
        await host.installText("wrong.binary", WRONG_ANSWERS);
        for (const id of ["strict", "dies", "quiet", "slow", "later"]) await host.install("v1-strict", id);
        await host.install("v1-direct", "direct");
      },
    });
    for (const id of ["wrong", "strict", "dies", "quiet", "slow", "later", "direct"])
      await host.reaches(id, "running", "healthy");
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function expectProblem(response: Response, status: number, code: string, plugin: string): Promise<string> {
    const body = (await response.json()) as Problem;
    expect(body).toMatchObject({ status, type: `/problems/${code}`, plugin });
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.status).toBe(status);
    return body.detail;
  }

  test.each([
    ["garbage", "plugin-protocol-error"],
    ["huge", "plugin-protocol-error"],
    ["zero", "plugin-protocol-error"],
    ["half", "plugin-protocol-error"],
    ["shapeless", "plugin-protocol-error"],
    ["no-status", "plugin-protocol-error"],
    ["bad-wrapped", "plugin-protocol-error"],
    ["nothing", "plugin-error"],
    ["bad-status", "plugin-bad-answer"],
    ["bad-header", "plugin-bad-answer"],
  ])("A wrong answer (%s) is 502 for that request alone", async (kind, code) => {
    await expectProblem(await host.fetch(`/plugins/wrong/${kind}`), 502, code, "wrong");
    expect(await (await host.fetch("/plugins/wrong/fine")).text()).toBe("fine");
    expect(await host.plugin("wrong")).toMatchObject({ health: "healthy", restarts: 0, crashes: 0 });
  });

  test.each(["other-id", "twice"])("Replies beside the awaited one (%s) are passed over", async (kind) => {
    expect(await (await host.fetch(`/plugins/wrong/${kind}`)).text()).toBe(kind);
  });

  test.concurrent("A plugin that never answers a request: 502 after the silence, long before the limit, and it serves on", async () => {
    const slow = host.fetch(`/plugins/direct/sleep?ms=${REQUEST_TIMEOUT_MS * 2}`);
    const order: string[] = [];
    const note = async (name: string, request: Promise<Response>) => {
      const response = await request;
      order.push(name);
      return response;
    };
    const started = performance.now();
    const [limit, silent] = await Promise.all([
      note("limit", slow),
      note("silent", host.fetch("/plugins/quiet/silent")).then((response) => {
        expect(performance.now() - started).toBeGreaterThan(1500);
        return response;
      }),
    ]);
    expect(order).toEqual(["silent", "limit"]);
    await expectProblem(silent, 502, "plugin-error", "quiet");
    await expectProblem(limit, 504, "plugin-timeout", "direct");
    expect((await host.fetch("/plugins/quiet/x")).status).toBe(200);
    expect(await host.plugin("quiet")).toMatchObject({ health: "healthy", restarts: 0 });
  });

  test.concurrent("A late answer: a plugin that is still at work after the silence is waited for", async () => {
    const paths = ["/slow/sleep?ms=2700", "/direct/sleep?ms=2700"];
    const answers = await Promise.all(paths.map((path) => host.json(`/plugins${path}`)));
    expect(answers).toMatchObject(paths.map((path) => ({ path })));
  });

  test.concurrent("An answer after the limit goes to nobody: the next request gets its own", async () => {
    const late = await host.fetch(`/plugins/later/sleep?ms=${REQUEST_TIMEOUT_MS + 400}`);
    await expectProblem(late, 504, "plugin-timeout", "later");
    expect(await host.json("/plugins/later/next")).toMatchObject({ path: "/later/next" });
  });

  test("A client that goes away: the plugin serves the next one as soon as it is free", async () => {
    const gone = new AbortController();
    const request = host.fetch("/plugins/strict/sleep?ms=800", { signal: gone.signal });
    setTimeout(() => gone.abort(), 200);
    expect(await request.catch((error: unknown) => error)).toHaveProperty("name", "AbortError");
    expect(await host.json("/plugins/strict/next")).toMatchObject({ path: "/strict/next" });
  });

  test.each(["strict", "direct"])("A body that is not UTF-8 is 415 for %s, which never sees it", async (id) => {
    const body = new Uint8Array([0x61, 0xff, 0xfe]);
    await expectProblem(await host.fetch(`/plugins/${id}/x`, { method: "POST", body }), 415, "body-not-text", id);
    const text = await host.fetch(`/plugins/${id}/x`, { method: "POST", body: "Ünïcode 😀" });
    expect(await text.json()).toMatchObject({ body: "Ünïcode 😀" });
  });

  test.each(["strict", "direct"])("A request that does not fit a frame, encoded, is 413 for %s", async (id) => {
    const quotes = '"'.repeat(MAX_FRAME_BYTES / 2); // fits as it is, but not as JSON
    for (const body of ["x".repeat(MAX_FRAME_BYTES), quotes]) {
      const response = await host.fetch(`/plugins/${id}/x`, { method: "POST", body });
      expect(response.status).toBe(413);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
    const fits = await host.fetch(`/plugins/${id}/x`, { method: "POST", body: "x".repeat(100_000) });
    expect(((await fits.json()) as { body: string }).body).toHaveLength(100_000);
  });

  test("Death with requests in flight and in line: each gets 502, later ones 503 with Retry-After", async () => {
    const requests = ["sleep?ms=300", "crash", "x", "y", "z"].map(async (path, index) => {
      await Bun.sleep(index * 20); // in this order
      return host.fetch(`/plugins/dies/${path}`);
    });
    const [first, ...others] = await Promise.all(requests);
    expect(first?.status).toBe(200);
    for (const response of others) expect(response.status).toBe(502);
    const refused = await host.fetch("/plugins/dies/x");
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    await expectProblem(refused, 503, "plugin-not-ready", "dies");
    await until("it answers again", async () => (await host.fetch("/plugins/dies/x")).status === 200);
  });

  test("After all of it the host lives and the strict plugin saw one message a connection", async () => {
    expect(host.hasExited).toBe(false);
    expect(await host.json("/plugins/strict/count")).toMatchObject({ inits: 1, empty: 0, dropped_bytes: 0 });
    expect(await host.plugin("strict")).toMatchObject({ health: "healthy", restarts: 0, crashes: 0 });
  });
});
