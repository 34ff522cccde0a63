import { expect, test } from "bun:test";
import { OPERATIONS } from "../testing/operations.ts";
import { TestHost } from "../testing/test-host.ts";

interface Declared {
  security?: Record<string, unknown>[];
  responses: Record<string, { content?: Record<string, unknown> }>;
}
interface Document {
  paths: Record<string, Record<string, Declared>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

async function readDocument(host: TestHost): Promise<Document> {
  const response = await host.fetch("/api/openapi.json", { headers: await host.session("ada") });
  return (await response.json()) as Document;
}

function operationsOf({ paths }: Document): [string, Declared][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Declared] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

test("the document lists every operation with its answers, problems and security", async () => {
  await using host = await TestHost.start();
  const document = await readDocument(host);
  const operations = operationsOf(document);
  expect(operations.map(([name]) => name).sort()).toEqual(Object.keys(OPERATIONS).sort());
  expect(Object.keys(document.components.securitySchemes)).toEqual(["session", "token"]);
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(["Plugin", "Problem", "LogPage", "KvRequest", "Login", "Resources"]),
  );
  for (const [name, { security, responses }] of operations) {
    const statuses = Object.keys(responses);
    expect([name, statuses.some((status) => status.startsWith("2"))]).toEqual([name, true]);
    expect([name, security]).toEqual([name, OPERATIONS[name]?.who === "open" ? [] : [{ session: [] }, { token: [] }]]);
    expect(statuses).toContain("500");
    if (OPERATIONS[name]?.who !== "open") expect(statuses).toContain("401");
    if (OPERATIONS[name]?.who === "admin") expect(statuses).toContain("403");
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const isProblem = Object.keys(content).includes("application/problem+json");
      if (Number(status) >= 400 && !(name === "GET /readyz" && status === "503")) {
        expect([name, status, isProblem]).toEqual([name, status, true]);
      }
    }
  }
});
