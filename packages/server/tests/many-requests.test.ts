import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const HEALTH_INTERVAL_MS = 500;

interface Echo {
  path: string;
  body: string | null;
}

describe("Many requests", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_HEALTH_INTERVAL_MS: String(HEALTH_INTERVAL_MS) },
      prepare: async (host) => {
        for (const id of ["strict", "busy", "blocked"]) await host.install("v1-strict", id);
        await host.install("v1-direct", "direct");
        for (const id of ["two", "hung"]) await host.install("v2", id);
      },
    });
    for (const id of ["strict", "busy", "blocked", "direct", "two", "hung"])
      await host.reaches(id, "running", "healthy");
  });
  afterAll(() => host[Symbol.asyncDispose]());

  /** Sends `count` requests at once, each of its own, and checks that each got its own answer. */
  async function expectOwnAnswers(id: string, count: number): Promise<void> {
    const bodies = Array.from({ length: count }, (_, index) => `${id} ${index} ${"x".repeat(index * 7)}`);
    const echoes = await Promise.all(
      bodies.map(async (body, index) => {
        const response = await host.fetch(`/plugins/${id}/r/${index}?n=${index}`, { method: "POST", body });
        return { status: response.status, echo: (await response.json()) as Echo };
      }),
    );
    for (const [index, body] of bodies.entries()) {
      expect(echoes[index]).toMatchObject({ status: 200, echo: { path: `/${id}/r/${index}?n=${index}`, body } });
    }
  }

  test("120 at once to a strict version 1 plugin: none is lost, none is mixed up", async () => {
    const before = await host.json<{ connections: number }>("/plugins/strict/count");
    await expectOwnAnswers("strict", 120);
    const after = await host.json<Record<string, number>>("/plugins/strict/count");
    // One connection for each request, this one too, and nothing behind a message.
    expect(after).toMatchObject({ connections: before.connections + 121, inits: 1, empty: 0, dropped_bytes: 0 });
    expect(await host.plugin("strict")).toMatchObject({ health: "healthy", restarts: 0, crashes: 0 });
  });

  test.each(["direct", "two"])("120 at once to %s: none is lost, none is mixed up", async (id) => {
    await expectOwnAnswers(id, 120);
    expect(await host.plugin(id)).toMatchObject({ restarts: 0, crashes: 0 });
  });

  test("120 at once to three plugins together: each gets its own", async () => {
    await Promise.all(["strict", "direct", "two"].map((id) => expectOwnAnswers(id, 40)));
  });

  test.each(["two", "direct"])("24 requests of one second each to %s overlap", async (id) => {
    const started = performance.now();
    const requests = Array.from({ length: 24 }, (_, index) => host.fetch(`/plugins/${id}/sleep?ms=1000&n=${index}`));
    const answers = await Promise.all(requests);
    expect(performance.now() - started).toBeLessThan(8000);
    for (const [index, response] of answers.entries()) {
      expect(await response.json()).toMatchObject({ path: `/${id}/sleep?ms=1000&n=${index}` });
    }
    if (id === "two") expect(await host.json("/plugins/two/init")).toMatchObject({ connections: 1 });
  });

  test("Answers of one version 2 connection come in any order: a quick one passes a slow one", async () => {
    const order: string[] = [];
    const ask = async (name: string, path: string) => {
      await (await host.fetch(`/plugins/two/${path}`)).text();
      order.push(name);
    };
    const slow = ask("slow", "sleep?ms=1500");
    await Promise.all([slow, ask("quick", "x")]);
    expect(order).toEqual(["quick", "slow"]);
  });

  test("A plugin that hangs and one that is blocked change nothing for the others", async () => {
    const gone = new AbortController();
    let answered = 0;
    const paths = [
      ...Array.from({ length: 40 }, () => "/plugins/hung/hang"),
      ...Array.from({ length: 20 }, () => "/plugins/blocked/sleep?ms=60000"),
    ];
    const waiting = paths.map((path) =>
      host.fetch(path, { signal: gone.signal }).then(
        () => (answered += 1),
        () => undefined,
      ),
    );
    await Promise.all(["strict", "direct", "two"].map((id) => expectOwnAnswers(id, 40)));
    expect((await host.fetch("/plugins/hung/x")).status).toBe(200);
    expect((await host.fetch("/api/plugins")).status).toBe(200);
    expect(answered).toBe(0);
    gone.abort();
    await Promise.all(waiting);
    for (const id of ["strict", "direct", "two", "hung"]) {
      expect(await host.plugin(id)).toMatchObject({ status: "running", restarts: 0, crashes: 0 });
    }
  });

  test("Clients that go away: the plugin gets a cancel for each, long before the limit", async () => {
    const cancelled = async () => (await host.json<{ cancelled: string[] }>("/plugins/two/cancelled")).cancelled;
    const before = (await cancelled()).length;
    const gone = new AbortController();
    const requests = Array.from({ length: 10 }, () => host.fetch("/plugins/two/hang", { signal: gone.signal }));
    await Bun.sleep(100); // they are on their way; a request that never reached the plugin needs no cancel
    gone.abort();
    const outcomes = await Promise.allSettled(requests);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    await until("all cancels arrived", async () => (await cancelled()).length === before + 10, 15_000);
    expect(new Set(await cancelled()).size).toBe(before + 10);
  });

  test("A busy version 1 plugin stays healthy, and sees no connection of a health check", async () => {
    await host.reaches("busy", "running", "healthy");
    const before = await host.json<{ connections: number }>("/plugins/busy/count");
    const over = new AbortController();
    const sleep = host.fetch(`/plugins/busy/sleep?ms=${5 * HEALTH_INTERVAL_MS}`).finally(() => over.abort());
    const seen = new Set<string>();
    while (!over.signal.aborted) {
      seen.add((await host.plugin("busy"))?.health ?? "gone");
      await Bun.sleep(20);
    }
    expect((await sleep).status).toBe(200);
    expect([...seen]).toEqual(["healthy"]);
    const after = await host.json("/plugins/busy/count");
    expect(after).toMatchObject({ connections: before.connections + 2, inits: 1, empty: 0, dropped_bytes: 0 });
  });
});
