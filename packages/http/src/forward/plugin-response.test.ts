import { expect, test } from "bun:test";
import { DOCUMENT_POLICY } from "./document-policy.ts";
import { pluginResponse } from "./plugin-response.ts";

function responseTo(method: string, headers: Record<string, string | string[]>): Response {
  const result = pluginResponse({ status: 200, headers, body: null }, method);
  if (!result.ok) throw new Error(result.reason);
  return result.response;
}

/** The policy of an answer to GET, with a body. */
function policyOf(headers: Record<string, string | string[]>, status = 200): string | null {
  const result = pluginResponse({ status, headers, body: "<script>act()</script>" }, "GET");
  if (!result.ok) throw new Error(result.reason);
  return result.response.headers.get("content-security-policy");
}

test("a document gets a sandbox without the host's origin; what is none is left alone", () => {
  for (const type of ["text/html; charset=utf-8", "image/svg+xml", "application/xml", "text/plain, text/html"])
    expect(policyOf({ "content-type": type })).toBe(DOCUMENT_POLICY);
  expect(policyOf({})).toBe(DOCUMENT_POLICY);
  expect(policyOf({ "content-type": "text/html" }, 404)).toBe(DOCUMENT_POLICY);
  expect(policyOf({ "content-type": "application/json" })).toBeNull();
  expect(DOCUMENT_POLICY).not.toContain("allow-same-origin");
});

test("a policy of the plugin stays, and cannot lift the host's", () => {
  const own = "default-src 'self'; sandbox allow-scripts allow-same-origin";
  expect(policyOf({ "content-type": "text/html", "content-security-policy": own })).toBe(`${own}, ${DOCUMENT_POLICY}`);
  const several = { "content-type": "text/html", "content-security-policy": ["img-src *", "font-src *"] };
  expect(policyOf(several)).toBe(`img-src *, font-src *, ${DOCUMENT_POLICY}`);
  expect(policyOf({ "content-type": "application/json", "content-security-policy": own })).toBe(own);
  const revalidated = pluginResponse({ status: 304, headers: { "content-security-policy": own }, body: null }, "GET");
  expect(revalidated.ok && revalidated.response.headers.has("content-security-policy")).toBe(false);
});

test("an answer without a body gets no policy: a redirect stays as it is", () => {
  for (const body of [null, "", new Uint8Array()]) {
    const result = pluginResponse({ status: 302, headers: { location: "/x" }, body }, "GET");
    expect(result.ok && [...result.response.headers]).toEqual([["location", "/x"]]);
  }
});

test("the host's cookies cannot be set, in any spelling; others stay apart", () => {
  const cookies = [
    "a=1",
    "toru_session=x; Path=/plugins",
    "__HOST-toru_session=x; Secure; Path=/",
    "=toru_session=y",
    "b=2",
  ];
  const response = responseTo("GET", { "set-cookie": cookies });
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect([...responseTo("GET", { "set-cookie": "toru_session=" }).headers]).toEqual([]);
});

test("what would speak for the whole host ends here", () => {
  const response = responseTo("GET", {
    "clear-site-data": '"*"',
    "service-worker-allowed": "/",
    "strict-transport-security": "max-age=1",
    "alt-svc": 'h3=":1"',
    nel: "{}",
    "report-to": "{}",
    "x-kept": "1",
  });
  expect([...response.headers]).toEqual([["x-kept", "1"]]);
});

test("hop-by-hop headers end here, and so do those that Connection names", () => {
  const response = responseTo("GET", {
    connection: ["keep-alive, X-One", "x-two"],
    "x-one": "1",
    "x-two": "2",
    "keep-alive": "timeout=5",
    "transfer-encoding": "chunked",
    trailer: "x",
    upgrade: "h2c",
    "proxy-authenticate": "Basic",
    "x-three": "3",
  });
  expect([...response.headers]).toEqual([["x-three", "3"]]);
});

test("a content-length that is none is not passed on to HEAD", () => {
  expect(responseTo("HEAD", { "content-length": "12" }).headers.get("content-length")).toBe("12");
  expect(responseTo("HEAD", { "content-length": "twelve" }).headers.get("content-length")).toBeNull();
  expect(responseTo("HEAD", { "content-length": ["1", "2"] }).headers.get("content-length")).toBeNull();
});
