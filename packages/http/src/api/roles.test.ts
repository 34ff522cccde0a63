import { expect, test } from "bun:test";
import { type Operation, OPERATIONS, PLUGIN_OPERATIONS } from "../testing/operations.ts";
import { TestHost } from "../testing/test-host.ts";

interface Caller {
  username: string;
  headers: Record<string, string>;
}

type Callers = Record<string, (host: TestHost) => Promise<Caller>>;

const CALLERS = {
  anonymous: async () => ({ username: "ada", headers: {} }),
  user: async (host) => ({ username: "ada", headers: await host.session("ada") }),
  admin: async (host) => ({ username: "admin", headers: await host.session("admin") }),
  readToken: async (host) => ({ username: "admin", headers: await host.token("admin", "read") }),
  manageToken: async (host) => ({ username: "admin", headers: await host.token("admin", "manage") }),
  usersManageToken: async (host) => ({ username: "ada", headers: await host.token("ada", "manage") }),
  expiredToken: async (host) => ({ username: "admin", headers: await host.token("admin", "manage", Date.now() - 1) }),
  otherSite: async (host) => {
    const { cookie } = await host.session("admin");
    return { username: "admin", headers: { cookie, origin: "http://evil.example" } };
  },
} satisfies Callers;

type Statuses = Record<keyof typeof CALLERS, number>;

/** What each caller is answered. */
function expected(method: string, { who, status, isStream }: Operation): Statuses {
  const reads = method === "GET" || method === "HEAD";
  const signedIn = who === "open" ? status : 401;
  const asUser = who === "admin" ? 403 : status;
  return {
    anonymous: signedIn,
    user: asUser,
    admin: status,
    readToken: reads || who === "open" ? status : 403,
    manageToken: status,
    usersManageToken: asUser,
    expiredToken: signedIn,
    otherSite: reads && isStream !== true ? status : 403,
  };
}

async function ask(name: string, operation: Operation, callerOf: Callers[string]): Promise<number> {
  await using host = await TestHost.start();
  const [method = "", template = ""] = name.split(" ");
  const { username, headers } = await callerOf(host);
  const path = (await operation.path?.(host, username)) ?? template.replace("{id}", "acme");
  const body = operation.body?.(host);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const init = {
    method,
    headers: { ...headers, ...type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const response = await host.fetch(path, init);
  await response.body?.cancel();
  return response.status;
}

async function answers(name: string, operation: Operation): Promise<Statuses> {
  const entries: [string, number][] = [];
  for (const [caller, callerOf] of Object.entries(CALLERS))
    entries.push([caller, await ask(name, operation, callerOf)]);
  return Object.fromEntries(entries) as Statuses;
}

async function declaredStatuses(): Promise<Map<string, number[]>> {
  await using host = await TestHost.start();
  const response = await host.fetch("/api/openapi.json", { headers: await host.session("ada") });
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, { responses: object }>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]): [string, number[]] => [
      `${method.toUpperCase()} ${path}`,
      Object.keys(responses).map(Number),
    ]),
  );
  return new Map(operations);
}

test("each operation answers each caller with exactly the status that it should, and that the document declares", async () => {
  const declared = await declaredStatuses();
  expect([...declared.keys()].sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [method = ""] = name.split(" ");
    const got = await answers(name, operation);
    expect([name, got]).toEqual([name, expected(method, operation)]);
    const undeclared = Object.values(got).filter((status) => declared.get(name)?.includes(status) !== true);
    expect([name, undeclared]).toEqual([name, []]);
  }
}, 60_000);

test("HEAD is answered like GET", async () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const head = name.replace("GET ", "HEAD ");
    if (head !== name) expect([head, await answers(head, operation)]).toEqual([head, expected("HEAD", operation)]);
  }
}, 60_000);

test("the plugins' own paths are for whoever is signed in, and changes come from the same origin", async () => {
  for (const [name, operation] of Object.entries(PLUGIN_OPERATIONS)) {
    const [method = ""] = name.split(" ");
    expect([name, await answers(name, operation)]).toEqual([name, expected(method, operation)]);
  }
}, 60_000);
