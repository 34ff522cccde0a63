import { describe, expect, test } from "bun:test";
import { bodyFromBytes } from "./body.ts";
import { ProtocolError } from "./protocol-error.ts";
import * as v1 from "./v1.ts";
import * as v2 from "./v2.ts";

const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
const wrap = (body: unknown) => ({
  type: "http",
  request_id: "1",
  payload: { method: "GET", path: "/", headers: {}, body },
});

describe("version 1 replies", () => {
  const wrong: [string, unknown][] = [
    ["no object", null],
    ["neither status nor wrapped payload", {}],
    ["a status that is text", { status: "200" }],
    ["headers that are a list", { status: 200, headers: [] }],
    ["wrapped, not JSON", wrap("{")],
    ["wrapped, JSON that is no object", wrap("[1]")],
    ["wrapped, no body", wrap(null)],
    ["wrapped, no status", wrap("{}")],
    ["a body nested too deep to be text", { status: 200, body: deep }],
    ["an error nested too deep to be text", { error: { code: "c", message: deep } }],
  ];
  for (const [name, payload] of wrong) {
    test(`breach of the protocol: ${name}`, () => {
      expect(() => v1.readHttpReply(payload)).toThrow(ProtocolError);
    });
  }

  test("an error counts only where there is no answer, wrapped or direct", () => {
    const error = { code: "c", message: "m" };
    const failed = { ok: false, error };
    expect(v1.readHttpReply({ error })).toEqual(failed as never);
    expect(v1.readHttpReply(wrap(JSON.stringify({ error })))).toEqual(failed as never);
    expect(v1.readHttpReply({ status: 500, error }).ok).toBe(true);
    expect(v1.readHttpReply({ status: 200, headers: {}, body: "x", error: null }).ok).toBe(true);
    expect(v1.readKvReply({ value: null, error })).toEqual(failed as never);
    expect(v1.readKvReply({ value: "x", error: null })).toEqual({ ok: true, value: { value: "x" } });
  });

  test("the kv request of a plugin is found in either form", () => {
    const request = { action: "get", key: "k" };
    expect(v1.kvRequestInput(request)).toBe(request);
    expect(v1.kvRequestInput({ type: "kv", payload: request })).toBe(request);
  });
});

describe("version 1 requests", () => {
  test("carry every header as one string, whatever its name", () => {
    const headers = Object.create(null) as Record<string, string | string[]>;
    headers["x-tag"] = ["a", "b"];
    headers["__proto__"] = "p";
    const { payload } = v1.httpMessage("1", { method: "GET", path: "/", headers, body: null });
    expect(JSON.stringify(payload)).toContain('"headers":{"x-tag":"a, b","__proto__":"p"}');
  });
});

describe("version 2 replies", () => {
  const wrong: [string, () => unknown][] = [
    ["http: no object", () => v2.readHttpReply([])],
    ["http: no status", () => v2.readHttpReply({ headers: {}, body: null })],
    ["http: a body that is an object", () => v2.readHttpReply({ status: 200, headers: {}, body: {} })],
    ["http: headers of numbers in a list", () => v2.readHttpReply({ status: 200, headers: { a: [1] }, body: null })],
    ["kv: a value that is a number", () => v2.readKvReply({ value: 1 })],
    ["kv: no object", () => v2.readKvReply("x")],
    ["lifecycle: pong in place of ready", () => v2.readLifecycleReply({ action: "pong" }, "ready")],
    ["lifecycle: nothing", () => v2.readLifecycleReply(null, "pong")],
  ];
  for (const [name, read] of wrong) {
    test(`breach of the protocol: ${name}`, () => {
      expect(read).toThrow(ProtocolError);
    });
  }

  test("ready names the features that are taken up", () => {
    expect(v2.readLifecycleReply({ action: "ready" }, "ready")).toEqual({ ok: true, value: { features: [] } });
    expect(v2.readLifecycleReply({ action: "ready", features: ["x", 1] }, "ready")).toEqual({
      ok: true,
      value: { features: ["x"] },
    });
  });

  test("bytes come back as they went", () => {
    const bytes = new Uint8Array([0, 0xff, 0x80]);
    const { body_base64 } = v2.httpRequestPayload({ method: "PUT", path: "/", headers: {}, body: null }, bytes);
    const reply = v2.readHttpReply({ status: 200, headers: {}, body_base64 });
    expect(reply.ok && reply.value.body instanceof Uint8Array ? [...reply.value.body] : null).toEqual([...bytes]);
  });

  test("what is no base64 with padding is refused, not read as other bytes", () => {
    for (const body_base64 of ["?", "QQ", "QR==", "_-8=", "QQ==\n", 7, {}]) {
      expect(() => v2.readHttpReply({ status: 200, headers: {}, body_base64 })).toThrow("RFC 4648");
    }
  });
});

describe("bodyFromBytes", () => {
  test("keeps a byte order mark, and bytes that are not UTF-8", () => {
    expect(bodyFromBytes(Buffer.from("\ufeffx"))).toBe("\ufeffx");
    expect(bodyFromBytes(new Uint8Array())).toBeNull();
    const latin1 = new Uint8Array([0xe9]);
    expect(bodyFromBytes(latin1)).toBe(latin1);
  });
});
