import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";

const MIB = 1024 * 1024;
const LARGE_VALUE = "x".repeat(MIB);

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "one");
      await host.install("v2", "two");
      await host.install("v1-direct", "legacy");
    },
  });
  for (const id of ["one", "two", "legacy"]) await host.reaches(id, "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

/** What the host answered to a kv message of the version 2 plugin itself. */
function asPlugin(id: string, action: string, fields: Record<string, string> = {}): Promise<unknown> {
  return host.json(`/plugins/${id}/kv/${action}?${new URLSearchParams(fields)}`);
}

interface V1Roundtrip {
  set: { type: string; request_id: string; payload: Record<string, unknown> };
  get: { type: string; request_id: string; payload: Record<string, unknown> };
}

function roundtrip(key: string, value: string): Promise<V1Roundtrip> {
  return host.json(`/plugins/legacy/kv-roundtrip?${new URLSearchParams({ key, value })}`);
}

/** The status of an API call, with its body. */
async function call(id: string, body: unknown, route = "kv"): Promise<[number, Record<string, unknown>]> {
  const response = await host.post(`/api/plugins/${id}/${route}`, body);
  return [response.status, (await response.json()) as Record<string, unknown>];
}

describe("Plugin Key-Value Storage", () => {
  test("Store value, Retrieve value: what a plugin sets is in its namespace in the database, and comes back", async () => {
    expect(await asPlugin("one", "set", { key: "colour", value: "grün" })).toEqual({ value: null });
    expect(await asPlugin("one", "get", { key: "colour" })).toEqual({ value: "grün" });
    expect(await asPlugin("one", "get", { key: "missing" })).toEqual({ value: null });
    using database = new Database(join(host.dataDir, "toru.db"), { readonly: true });
    const rows = database.query("SELECT plugin_id, value FROM plugin_kv WHERE key = 'colour'").all();
    expect(rows).toEqual([{ plugin_id: "one", value: "grün" }]);
  });

  test("Delete value: it is removed from the database, and deleting what is not there is no error", async () => {
    await asPlugin("one", "set", { key: "doomed", value: "x" });
    for (let time = 1; time <= 2; time += 1) {
      expect(await asPlugin("one", "delete", { key: "doomed" })).toEqual({ value: null });
    }
    expect(await asPlugin("one", "get", { key: "doomed" })).toEqual({ value: null });
    using database = new Database(join(host.dataDir, "toru.db"), { readonly: true });
    expect(database.query("SELECT * FROM plugin_kv WHERE key = 'doomed'").all()).toEqual([]);
  });

  test("Namespace isolation: two plugins and one key", async () => {
    for (const id of ["one", "two"]) await asPlugin(id, "set", { key: "shared", value: `of ${id}` });
    expect((await roundtrip("shared", "of legacy")).get.payload["value"]).toBe("of legacy");
    for (const id of ["one", "two"]) {
      expect(await asPlugin(id, "get", { key: "shared" })).toEqual({ value: `of ${id}` });
      expect(await call(id, { action: "get", key: "shared" })).toEqual([200, { value: `of ${id}` }]);
    }
    await asPlugin("one", "delete", { key: "shared" });
    expect(await asPlugin("two", "get", { key: "shared" })).toEqual({ value: "of two" });
  });

  test("Namespace isolation: no field of a message names another namespace", async () => {
    await asPlugin("two", "set", { key: "private", value: "secret" });
    const forged = { key: "private", plugin_id: "two", plugin: "two", namespace: "two" };
    expect(await asPlugin("one", "get", forged)).toEqual({ value: null });
    expect(await asPlugin("one", "list", { prefix: "private" })).toEqual({ keys: [], more: false });
  });

  test("a version 1 plugin asks in both of its forms, on the open connection", async () => {
    const { set, get } = await roundtrip("key", "value of version 1");
    expect(set).toMatchObject({
      type: "kv",
      request_id: "own-1",
      payload: { type: "kv", request_id: "own-1", value: null },
    });
    expect(get).toMatchObject({ type: "kv", request_id: "own-2", payload: { value: "value of version 1" } });
    expect(await call("legacy", { action: "get", key: "key" })).toEqual([200, { value: "value of version 1" }]);
  });

  test.each(["ключ", "日本", "a b/c?d=e&f#g", "\u0000", "'; DROP TABLE plugin_kv; --", "👋🏽", "%", "_"])(
    "any text is a key: %j",
    async (key) => {
      expect(await asPlugin("one", "set", { key, value: key })).toEqual({ value: null });
      expect(await asPlugin("one", "get", { key })).toEqual({ value: key });
      expect(await call("one", { action: "get", key })).toEqual([200, { value: key }]);
    },
  );

  test("an empty value is a value", async () => {
    await asPlugin("one", "set", { key: "empty", value: "" });
    expect(await asPlugin("one", "get", { key: "empty" })).toEqual({ value: "" });
  });
});

describe("Plugin Key-Value Storage: limits", () => {
  test("a key of 512 bytes is taken, one of 513 or of none is a typed error", async () => {
    const longest = "ä".repeat(256);
    expect(await asPlugin("one", "set", { key: longest, value: "v" })).toEqual({ value: null });
    for (const key of [`${longest}x`, ""]) {
      expect(await asPlugin("one", "set", { key, value: "v" })).toMatchObject({ error: { code: "invalid_key" } });
      const [status, problem] = await call("one", { action: "set", key, value: "v" });
      expect([status, problem["type"]]).toEqual([400, "/problems/invalid-request"]);
      expect(problem["detail"]).toContain("512");
    }
    const refused = await roundtrip(`${longest}x`, "v");
    expect(refused.set.payload).toMatchObject({ error: { code: "invalid_key" } });
  });

  test("a value of 1 MiB is taken whatever it holds, one byte more is a typed error", async () => {
    for (const value of [LARGE_VALUE, '"'.repeat(MIB), "\u0001".repeat(MIB)]) {
      expect(await call("one", { action: "set", key: "large", value })).toEqual([200, { value: null }]);
      const [status, answer] = await call("one", { action: "get", key: "large" });
      expect([status, answer["value"] === value]).toEqual([200, true]);
    }
    const [status, problem] = await call("one", { action: "set", key: "large", value: `${LARGE_VALUE}x` });
    expect([status, problem["type"], problem["plugin"]]).toEqual([413, "/problems/value-too-large", "one"]);
  });

  test("a plugin that sends too large a value gets a typed error", async () => {
    await using own = await TestHost.start({ prepare: (host) => host.installText("big.binary", BIG_PLUGIN) });
    await own.reaches("big", "running", "healthy");
    const answers = await own.json<{ fits: unknown; too_large: unknown }>("/plugins/big/x");
    expect(answers.fits).toEqual({ value: null });
    expect(answers.too_large).toMatchObject({ error: { code: "value_too_large" } });
  });

  test("a plugin that has stored 64 MiB gets a typed error for more, and can make room", async () => {
    await Promise.all(
      Array.from({ length: 63 }, (_, number) =>
        call("two", { action: "set", key: `large-${number}`, value: LARGE_VALUE }),
      ),
    );
    expect(await call("two", { action: "set", key: "last", value: LARGE_VALUE })).toEqual([
      507,
      expect.objectContaining({
        type: "/problems/quota-exceeded",
        detail: expect.stringContaining("at most 67108864"),
      }),
    ]);
    await call("two", { action: "set", key: "most", value: "x".repeat(MIB - 5_000) });
    expect(await asPlugin("two", "set", { key: "more", value: "x".repeat(8_000) })).toEqual({
      error: { code: "quota_exceeded", message: expect.stringContaining("at most 67108864 are allowed") },
    });
    await asPlugin("two", "delete", { key: "large-0" });
    expect(await asPlugin("two", "set", { key: "more", value: "x".repeat(8_000) })).toEqual({ value: null });
  });

  test("an unknown action is a typed error", async () => {
    expect(await asPlugin("one", "increment", { key: "k" })).toMatchObject({ error: { code: "invalid_request" } });
    expect((await call("one", { action: "increment", key: "k" }))[0]).toBe(400);
    expect((await call("one", { action: "set", key: "k" }))[0]).toBe(400);
    expect((await call("one", { action: "set", key: "k", value: 5 }))[0]).toBe(400);
  });

  test("a list is sorted, by prefix, and goes on behind a key", async () => {
    const keys = ["page:1", "page:10", "page:2", "page:ä", "page:😀"];
    for (const key of keys.toReversed()) await asPlugin("two", "set", { key, value: "v" });
    await asPlugin("two", "set", { key: "other", value: "v" });
    expect(await asPlugin("two", "list", { prefix: "page:" })).toEqual({ keys, more: false });
    const first = { prefix: "page:", limit: "2" };
    expect(await asPlugin("two", "list", first)).toEqual({ keys: keys.slice(0, 2), more: true });
    expect(await asPlugin("two", "list", { ...first, after: "page:10" })).toEqual({
      keys: keys.slice(2, 4),
      more: true,
    });
    const last = { action: "list", prefix: "page:", limit: 2, after: "page:ä" };
    expect(await call("two", last)).toEqual([200, { keys: keys.slice(4), more: false }]);
    for (const limit of [0, 1001]) expect((await call("two", { action: "list", limit }))[0]).toBe(400);
  });
});

/** Asks the host to store a value of 1 MiB, and one that is a byte larger. */
const BIG_PLUGIN = `#!/usr/bin/env python3
import json, os, socket, struct, sys
if "--metadata" in sys.argv:
    print(json.dumps({"id": "big", "name": "Big", "version": "1", "icon": "🐘", "route": "/big", "protocol": 2}))
    sys.exit()
server = socket.socket(socket.AF_UNIX)
server.bind(os.environ["TORU_PLUGIN_SOCKET"])
server.listen()
connection = server.accept()[0].makefile("rwb")
def send(kind, request_id, payload):
    reply = json.dumps({"type": kind, "timestamp": "", "request_id": request_id, "payload": payload}).encode()
    connection.write(struct.pack(">I", len(reply)) + reply)
    connection.flush()
def receive():
    return json.loads(connection.read(struct.unpack(">I", connection.read(4))[0]))
answers = {}
while True:
    message = receive()
    kind, request_id, payload = message["type"], message.get("request_id"), message["payload"]
    action = payload.get("action")
    if action == "shutdown":
        sys.exit()
    elif action == "init":
        send(kind, request_id, {"action": "ready", "features": []})
    elif action == "ping":
        send(kind, request_id, {"action": "pong"})
    elif kind == "http":
        asked = request_id
        for name, size in (("fits", 1 << 20), ("too_large", (1 << 20) + 1)):
            send("kv", name, {"action": "set", "key": "large", "value": "x" * size})
    elif kind == "kv":
        answers[request_id] = payload
        if len(answers) == 2:
            send("http", asked, {"status": 200, "headers": {}, "body": json.dumps(answers)})
`;
