import { expect, test } from "bun:test";
import { TestHost } from "../testing/test-host.ts";

type Who = "open" | "user" | "admin";

/** Every operation of the API and who may use it. */
const OPERATIONS: Record<string, Who> = {
  "POST /api/auth/login": "open",
  "POST /api/auth/logout": "open",
  "POST /api/auth/setup": "open",
  "GET /api/auth/me": "user",
  "POST /api/auth/password": "user",
  "GET /api/users": "admin",
  "POST /api/users": "admin",
  "DELETE /api/users/{username}": "admin",
  "GET /api/tokens": "user",
  "POST /api/tokens": "user",
  "DELETE /api/tokens/{id}": "user",
  "GET /api/plugins": "user",
  "GET /api/plugins/{id}": "user",
  "POST /api/plugins/{id}/enable": "admin",
  "POST /api/plugins/{id}/disable": "admin",
  "POST /api/plugins/{id}/restart": "admin",
  "PUT /api/plugins/{id}/development": "admin",
  "GET /api/plugins/{id}/bundle.js": "user",
  "GET /api/plugins/{id}/logs": "admin",
  "GET /api/plugins/{id}/logs/stream": "admin",
  "GET /api/plugins/{id}/logs/download": "admin",
  "GET /api/plugins/{id}/paths": "admin",
  "GET /api/plugins/{id}/events": "admin",
  "POST /api/plugins/{id}/kv": "user",
  "POST /api/plugins/{id}/handle-kv": "admin",
  "GET /api/plugin-events": "admin",
  "GET /api/events": "user",
  "GET /api/resources": "user",
  "GET /api/host": "user",
  "GET /api/openapi.json": "user",
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /metrics": "admin",
};

interface Operation {
  security?: Record<string, unknown>[];
  responses: Record<string, { content?: Record<string, unknown> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

async function readDocument(host: TestHost): Promise<Document> {
  const response = await host.fetch("/api/openapi.json", { headers: await host.session("ada") });
  return (await response.json()) as Document;
}

function operationsOf({ paths }: Document): [string, Operation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
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
    expect([name, security]).toEqual([name, OPERATIONS[name] === "open" ? [] : [{ session: [] }, { token: [] }]]);
    expect(statuses).toContain("500");
    if (OPERATIONS[name] !== "open") expect(statuses).toContain("401");
    if (OPERATIONS[name] === "admin") expect(statuses).toContain("403");
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const isProblem = Object.keys(content).includes("application/problem+json");
      if (Number(status) >= 400 && !(name === "GET /readyz" && status === "503")) {
        expect([name, status, isProblem]).toEqual([name, status, true]);
      }
    }
  }
});

test("each operation is open to whom it should be and to nobody else", async () => {
  await using host = await TestHost.start();
  const anonymous = {};
  const session = async (name: string) => host.session(name);
  for (const [name, who] of Object.entries(OPERATIONS)) {
    const [method = "", template = ""] = name.split(" ");
    const path = template.replace(/\{\w+\}/, template.includes("plugins") ? "acme" : "nobody");
    // Without a body, so that what is allowed ends in a refusal of its own instead of changing something.
    const ask = async (headers: Record<string, string>) => {
      const response = await host.fetch(path, { method, headers });
      await response.body?.cancel();
      return response.status === 401 || response.status === 403 ? response.status : "allowed";
    };
    const reads = method === "GET";
    const { cookie } = await session("admin");
    const got = {
      anonymous: await ask(anonymous),
      user: await ask(await session("ada")),
      admin: await ask(await session("admin")),
      readToken: await ask(await host.token("admin", "read")),
      userToken: await ask(await host.token("ada", "manage")),
      manageToken: await ask(await host.token("admin", "manage")),
      crossSite: await ask({ cookie, origin: "http://evil.example" }),
    };
    const open = who === "open";
    expect([name, got]).toEqual([
      name,
      {
        anonymous: open ? "allowed" : 401,
        user: who === "admin" ? 403 : "allowed",
        admin: "allowed",
        readToken: reads || open ? "allowed" : 403,
        userToken: who === "admin" ? 403 : "allowed",
        manageToken: "allowed",
        crossSite: reads ? "allowed" : 403,
      },
    ]);
  }
});
