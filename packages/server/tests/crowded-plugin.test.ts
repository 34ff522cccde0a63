import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@toru/http-api";
import { rawRequest } from "./support/raw-request.ts";
import { TestHost } from "./support/test-host.ts";

/** Requests that may wait for one plugin; `MAX_WAITING_REQUESTS` of the supervisor. */
const WAITING = 1024;
const TOO_MANY = 30;
/** Long enough for all of them to have arrived. */
const REQUEST_TIMEOUT_MS = 5000;

describe("Too many requests waiting for one plugin", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS), TORU_HEALTH_INTERVAL_MS: "20000" },
      prepare: async (host) => {
        await host.install("v1-strict", "one");
        for (const id of ["two", "other"]) await host.install("v2", id);
      },
    });
    for (const id of ["one", "two", "other"]) await host.reaches(id, "running");
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.concurrent.each([
    ["two", "hang"],
    ["one", `sleep?ms=${REQUEST_TIMEOUT_MS * 2}`],
  ])("Version %s: those over the limit get 503 with Retry-After, other plugins answer", async (id, path) => {
    // By hand: fetch keeps to 256 connections.
    const ask = () => rawRequest(host.url, { path: `/plugins/${id}/${path}`, headers: [["Cookie", host.cookie]] });
    const waiting = Promise.all(Array.from({ length: WAITING + TOO_MANY }, ask));
    expect((await host.fetch("/plugins/other/x")).status).toBe(200);
    const answers = await waiting;
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(TOO_MANY);
    expect(answers.filter(({ status }) => status === 504)).toHaveLength(WAITING);
    for (const { headers, body } of refused) {
      expect(new Map(headers).get("retry-after")).toMatch(/^[1-9]\d?$/);
      const problem = JSON.parse(body.toString()) as Problem;
      expect(problem).toMatchObject({ type: "/problems/plugin-busy", plugin: id });
    }
    expect((await host.fetch("/plugins/other/x")).status).toBe(200);
  });
});
