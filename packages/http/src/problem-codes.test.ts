import { expect, test } from "bun:test";
import { problemSchema } from "@toru/http-api";
import { PROBLEMS } from "./problem-codes.ts";
import { problem } from "./problem.ts";

const PAGE = new URL("../../../docs/errors.md", import.meta.url);

test("docs/errors.md lists exactly the codes that there are, with their statuses", async () => {
  const rows = [...(await Bun.file(PAGE).text()).matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| .+ \| .+ \|$/gm)];
  const listed = rows.map(([, code, status]) => [code, Number(status)]);
  expect(listed).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
});

test("a problem has the form of RFC 9457 and never waits less than a second", async () => {
  const response = problem("plugin-busy", { requestId: "r", detail: "because", plugin: "acme", retryAfterMs: 1 });
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("1");
  const body = await response.json();
  expect(problemSchema.parse(body)).toEqual(body);
  expect(body).toMatchObject({ type: "/problems/plugin-busy", status: 503, request_id: "r", plugin: "acme" });
});
