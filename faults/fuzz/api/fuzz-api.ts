import { TestHost } from "../../../packages/server/tests/support/test-host.ts";
import { rawRequest } from "../../../packages/server/tests/support/raw-request.ts";
import { until } from "../../../packages/server/tests/support/until.ts";
import { Dice } from "../dice.ts";
import { AnswerCheck, type Caller } from "./check-answer.ts";
import { type ApiRequest, type Hints, makeRequest } from "./make-request.ts";
import { type OpenApi, type Operation, operationsOf } from "./open-api.ts";
import { strayRequest, type StrayRequest } from "./stray-request.ts";

const AT_ONCE = 8;
const PASSWORD = "correct horse battery";
/** None of them is a caller's own. */
const HINTS: Hints = {
  id: ["acme", "legacy", "keeper", "broken", "broken.binary", "nobody", "999999"],
  plugin: ["acme", "keeper"],
  username: ["nobody", "user-1", "a", "1"],
  type: ["started", "stopped,crashed", "enabled"],
  level: ["info", "error"],
};
const JSON_TYPE = { "content-type": "application/json" };
/** What takes long, or ends what others are about to ask, comes more seldom. */
const SELDOM = [/\/(restart|enable|disable)$/, /\/auth\/(login|password|setup|logout)$/, /\/development$/];
const NAMES = ["admin", "user", "read token", "anonymous"] as const;

/** A host of its own with plugins of both versions, whose every operation is asked for by everybody. */
export async function startFuzzedHost(): Promise<TestHost> {
  const host = await TestHost.start({
    env: { TORU_KV_TIMEOUT_MS: "1000", TORU_REQUEST_TIMEOUT_MS: "1000" },
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "legacy");
      await host.install("v2", "keeper", { metadata: { handles: ["http", "kv"] } });
      await host.installText("broken.binary", "#!/bin/sh\necho no JSON\n");
    },
  });
  for (const id of ["acme", "legacy", "keeper"]) await host.reaches(id, "running");
  return host;
}

export class ApiFuzzer {
  readonly #host: TestHost;
  readonly #document: OpenApi;
  readonly #check: AnswerCheck;
  readonly #operations: Operation[];
  readonly #callers = new Map<Caller["name"], Caller>();
  /** By status. */
  readonly statuses = new Map<number, number>();
  readonly faults: string[] = [];

  private constructor(host: TestHost, document: OpenApi) {
    this.#host = host;
    this.#document = document;
    this.#check = new AnswerCheck(document);
    this.#operations = operationsOf(document);
  }

  static async of(host: TestHost): Promise<ApiFuzzer> {
    const fuzzer = new ApiFuzzer(host, await host.json<OpenApi>("/api/openapi.json"));
    await host.post("/api/users", { username: "ada", password: PASSWORD, role: "user" });
    // The token is of an account that nobody signs in to any more, so that no request takes it away.
    await host.post("/api/users", { username: "reader", password: PASSWORD, role: "admin" });
    await fuzzer.#signIn("admin", "reader");
    const made = await fuzzer.#send("POST", "/api/tokens", "admin", JSON_TYPE, '{"name":"reader"}');
    const { token } = (await made.json()) as { token: string };
    fuzzer.#callers.set("read token", { name: "read token", headers: { authorization: `Bearer ${token}` } });
    await fuzzer.#signIn("admin", "admin");
    await fuzzer.#signIn("user", "ada");
    fuzzer.#callers.set("anonymous", { name: "anonymous", headers: {} });
    return fuzzer;
  }

  get operations(): number {
    return this.#operations.length;
  }

  /** Asks from the first seed on, some at a time. */
  async run(count: number, firstSeed: number): Promise<void> {
    let next = 0;
    const work = async () => {
      while (next < count && this.faults.length < 20) await this.#ask((firstSeed + next++) >>> 0);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** The host answers as ever, and says that it is well. */
  async isWell(): Promise<boolean> {
    if (this.#host.hasExited) return false;
    for (const path of ["/healthz", "/readyz", "/api/plugins", "/api/host"]) {
      if ((await this.#send("GET", path, "admin", {}, null)).status !== 200) return false;
    }
    for (const id of ["acme", "legacy", "keeper"]) {
      await this.#send("POST", `/api/plugins/${id}/enable`, "admin", {}, null).then((answer) => answer.text());
      await until(`${id} answers again`, async () => (await this.#send("GET", `/plugins/${id}`, "admin", {}, null)).ok);
    }
    return true;
  }

  async #ask(seed: number): Promise<void> {
    const dice = new Dice(seed);
    if (dice.oneIn(10)) return this.#stray(seed, strayRequest(dice, this.#operations), dice.pick(NAMES));
    let operation = dice.pick(this.#operations);
    while (SELDOM.some((path) => path.test(operation.path)) && !dice.oneIn(6)) operation = dice.pick(this.#operations);
    const name = operation.path.endsWith("/logout") ? "anonymous" : dice.pick(NAMES);
    const request = makeRequest(dice, operation, this.#document, HINTS);
    const { method, target, headers, body } = { method: operation.method, ...request };
    const fault = await this.#fault(request, name, () => this.#send(method, target, name, headers, body));
    if (fault === null) return;
    const shown =
      typeof body === "string" ? body.slice(0, 500) : body === null ? "" : Buffer.from(body).toString("hex");
    this.faults.push(`TORU_FUZZ_SEED=${seed}: ${method} ${target} as ${name} ${shown}\n  ${fault.slice(0, 1000)}`);
  }

  /** Written by hand: `fetch` would tidy it up. */
  async #stray(seed: number, { method, target }: StrayRequest, name: Caller["name"]): Promise<void> {
    // A live stream has no end, and who has signed out asks for nothing more.
    if (/events|stream|logout/.test(target)) return;
    const headers = Object.entries({ ...this.#callerOf(name).headers, origin: this.#host.url });
    const fault = await rawRequest(this.#host.url, { method, path: target, headers }).then(
      (answer) => this.#check.strayFault(answer),
      (error: unknown) => `no answer: ${String(error)}`,
    );
    if (fault !== null) this.faults.push(`TORU_FUZZ_SEED=${seed}: ${method} ${target} as ${name}\n  ${fault}`);
  }

  async #fault(request: ApiRequest, name: Caller["name"], ask: () => Promise<Response>): Promise<string | null> {
    try {
      const answer = await ask();
      const { status } = answer;
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      return await this.#check.fault(request, this.#callerOf(name), answer);
    } catch (error) {
      return `no answer: ${String(error)}`;
    }
  }

  #callerOf(name: Caller["name"]): Caller {
    return this.#callers.get(name) ?? { name, headers: {} };
  }

  #send(
    method: string,
    target: string,
    name: Caller["name"],
    headers: Record<string, string>,
    body: ApiRequest["body"],
  ): Promise<Response> {
    const { url } = this.#host;
    const all = { ...headers, ...this.#callerOf(name).headers, origin: url };
    const signal = AbortSignal.timeout(30_000);
    return fetch(url + target, { method, headers: all, body, signal, redirect: "manual" });
  }

  async #signIn(name: "admin" | "user", username: string): Promise<void> {
    const body = JSON.stringify({ username, password: PASSWORD });
    const answer = await this.#send("POST", "/api/auth/login", "anonymous", JSON_TYPE, body);
    if (!answer.ok) throw new Error(`sign-in failed: ${answer.status} ${await answer.text()}`);
    const cookie = (answer.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    this.#callers.set(name, { name, headers: { cookie } });
  }
}
