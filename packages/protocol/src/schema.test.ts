import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import { bodyFromBytes } from "./body.ts";
import { GOLDEN_FRAMES, SPEC_FOLDER } from "./golden-cases.ts";
import type { InitInfo, KvOperation } from "./messages.ts";
import * as v1 from "./v1.ts";
import * as v2 from "./v2.ts";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true });
addFormats.default(ajv);
const folder = join(SPEC_FOLDER, "schema");
for (const file of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), "utf8")) as object);

/** What is wrong with a value by the schema of this name; null where nothing is. */
function fault(schema: string, value: unknown): string | null {
  const validate = ajv.getSchema(`${schema}.schema.json`);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  // A plain copy, as it is on the wire.
  return validate(JSON.parse(JSON.stringify(value))) === true ? null : ajv.errorsText(validate.errors);
}

describe("schemas", () => {
  test("compile in strict mode and are named after their files", () => {
    for (const file of readdirSync(folder)) expect(ajv.getSchema(file)).toBeDefined();
  });

  for (const { name, version, direction, message } of GOLDEN_FRAMES) {
    test(`accept the golden message v${version} ${direction}: ${name}`, () => {
      expect(fault(`v${version}-${direction}`, message)).toBeNull();
    });
  }

  const timestamp = "2026-01-02T03:04:05.678Z";
  const http = { type: "http", timestamp, request_id: "1" };
  const refused: [string, string, unknown][] = [
    ["no timestamp", "envelope", { type: "http", payload: {} }],
    ["a timestamp of another zone", "envelope", { ...http, timestamp: "2026-01-02T03:04:05+02:00", payload: {} }],
    ["a timestamp in seconds", "envelope", { ...http, timestamp: 1_700_000_000, payload: {} }],
    ["an unknown type", "envelope", { ...http, type: "metrics", payload: {} }],
    ["a reply without request_id", "v2-plugin-to-host", { type: "http", timestamp, payload: { status: 200 } }],
    ["status 101", "v2-plugin-to-host", { ...http, payload: { status: 101, headers: {}, body: null } }],
    ["status 200.5", "v2-plugin-to-host", { ...http, payload: { status: 200.5, headers: {}, body: null } }],
    ["two bodies", "v2-plugin-to-host", { ...http, payload: { status: 200, headers: {}, body: "", body_base64: "" } }],
    ["no body field", "v2-plugin-to-host", { ...http, payload: { status: 200, headers: {} } }],
    [
      "base64 of the wrong alphabet",
      "v2-plugin-to-host",
      { ...http, payload: { status: 200, headers: {}, body_base64: "_-_-" } },
    ],
    [
      "a header name with capitals",
      "v2-plugin-to-host",
      { ...http, payload: { status: 200, headers: { A: "" }, body: null } },
    ],
    [
      "a header that is a number",
      "v2-plugin-to-host",
      { ...http, payload: { status: 200, headers: { a: 1 }, body: null } },
    ],
    ["a log with a request_id", "v2-plugin-to-host", { ...http, type: "log", payload: { level: "info", message: "" } }],
    ["a level in capitals", "v2-plugin-to-host", { type: "log", timestamp, payload: { level: "INFO", message: "" } }],
    [
      "a key of 513 characters",
      "v2-plugin-to-host",
      { ...http, type: "kv", payload: { action: "get", key: "k".repeat(513) } },
    ],
    ["an empty key", "v2-plugin-to-host", { ...http, type: "kv", payload: { action: "get", key: "" } }],
    ["a set without value", "v2-plugin-to-host", { ...http, type: "kv", payload: { action: "set", key: "k" } }],
    ["a list of 1001 keys", "v2-plugin-to-host", { ...http, type: "kv", payload: { action: "list", limit: 1001 } }],
    ["an error without message", "v2-plugin-to-host", { ...http, payload: { error: { code: "x" } } }],
    [
      "a shutdown that waits for a reply",
      "v2-host-to-plugin",
      { ...http, type: "lifecycle", payload: { action: "shutdown", grace_ms: 1 } },
    ],
    [
      "a list of header values in version 1",
      "v1-host-to-plugin",
      {
        ...http,
        payload: {
          type: "http",
          request_id: "1",
          payload: { method: "GET", path: "/", headers: { a: ["b"] }, body: null },
        },
      },
    ],
    [
      "a version 1 body that is a number",
      "v1-plugin-to-host",
      { ...http, payload: { status: 200, headers: {}, body: 1 } },
    ],
  ];
  for (const [name, schema, message] of refused) {
    test(`${schema} refuses ${name}`, () => {
      expect(fault(schema, message)).not.toBeNull();
    });
  }
});

describe("what the host builds fits the schemas", () => {
  const info: InitInfo = {
    pluginId: "acme",
    instanceId: "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
    socketPath: "/run/toru/acme.sock",
    logPath: "/var/log/toru/plugins/acme.log",
    dataDir: "/srv/toru/data/plugins/acme",
  };
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,12}$/);
  const wellFormed = fc.string({ unit: "binary" });
  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "M-SEARCH"),
    path: wellFormed.map((rest) => `/${rest}`),
    headers: fc.dictionary(token, fc.oneof(wellFormed, fc.array(wellFormed))),
    body: fc.oneof(fc.constant(null), wellFormed),
  });
  const key = fc.string({ minLength: 1, maxLength: 40, unit: "binary" });
  const single = fc.oneof(
    fc.record({ action: fc.constant("get" as const), key }),
    fc.record({ action: fc.constant("set" as const), key, value: wellFormed }),
    fc.record({ action: fc.constant("delete" as const), key }),
  );
  const list = fc.record({
    action: fc.constant("list" as const),
    prefix: wellFormed,
    after: fc.oneof(fc.constant(null), key),
    limit: fc.integer({ min: 1, max: 1000 }),
  });
  const result = fc.oneof(
    fc.record({ value: fc.oneof(fc.constant(null), wellFormed) }),
    fc.record({ keys: fc.array(key), more: fc.boolean() }),
  );
  const holds = <T>(arbitrary: fc.Arbitrary<T>, schema: string, build: (value: T) => unknown) =>
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(fault(schema, build(value))).toBeNull();
      }),
      { numRuns: 60 },
    );

  test("version 1: init, shutdown, http, kv and replies to kv", () => {
    expect(fault("v1-host-to-plugin", v1.initMessage(info))).toBeNull();
    expect(fault("v1-host-to-plugin", v1.shutdownMessage())).toBeNull();
    holds(request, "v1-host-to-plugin", (value) => v1.httpMessage("1", value));
    holds(single, "v1-host-to-plugin", (value) => v1.kvMessage("2", value));
    holds(result, "v1-host-to-plugin", (value) => v1.kvReplyMessage("3", value));
  });

  test("version 2: lifecycle, http with text and bytes, cancel, kv and replies to kv", () => {
    const schema = "v2-host-to-plugin";
    expect(fault(schema, v2.envelope("lifecycle", v2.initPayload(info), "1"))).toBeNull();
    expect(fault(schema, v2.envelope("lifecycle", v2.pingPayload, "2"))).toBeNull();
    expect(fault(schema, v2.envelope("lifecycle", v2.shutdownPayload(5000)))).toBeNull();
    expect(fault(schema, v2.envelope("http", v2.cancelPayload, "3"))).toBeNull();
    holds(request, schema, (value) => v2.envelope("http", v2.httpRequestPayload(value, value.body), "4"));
    holds(fc.uint8Array({ maxLength: 50 }), schema, (bytes) => {
      const body = bodyFromBytes(bytes);
      return v2.envelope("http", v2.httpRequestPayload({ method: "PUT", path: "/", headers: {}, body }, body), "5");
    });
    holds(fc.oneof<fc.Arbitrary<KvOperation>[]>(single, list), schema, (value) =>
      v2.envelope("kv", v2.kvRequestPayload(value), "6"),
    );
    holds(result, schema, (value) => v2.envelope("kv", value, "p-1"));
    expect(fault(schema, v2.envelope("kv", v2.errorPayload({ code: "x", message: "y" }), "p-2"))).toBeNull();
  });
});
