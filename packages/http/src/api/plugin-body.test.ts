import { expect, test } from "bun:test";
import type { PluginState } from "@toru/core";
import { pluginChangeSchema, pluginSchema } from "@toru/http-api";
import { installed } from "../testing/fake-plugins.ts";
import { pluginBody, pluginChangeBody } from "./plugin-body.ts";

const crash = { at: 0, code: 1, signal: null, reason: "exit code 1", uptimeMs: 12.7, output: ["last words"] };

const ADMIN = { crashLimit: 10, role: "admin" } as const;

const STATES: [PluginState, string, string | null][] = [
  [
    { status: "running", crashes: 0, crashTimes: [], crash: null, since: 0, health: { state: "healthy", since: 0 } },
    "healthy",
    null,
  ],
  [
    {
      status: "running",
      crashes: 0,
      crashTimes: [],
      crash: null,
      since: 0,
      health: { state: "unhealthy", misses: 1, reason: "no pong" },
    },
    "unhealthy",
    "no pong",
  ],
  [{ status: "disabled" }, "disabled", "it is disabled"],
  [
    { status: "failed", crashes: 10, crash, why: "crashed 10 times in a row" },
    "disabled",
    "it was disabled: it crashed 10 times in a row, the last time: exit code 1",
  ],
  [
    { status: "starting", crashes: 0, crashTimes: [], crash: null, since: 0, again: false },
    "unhealthy",
    "it is starting",
  ],
  [
    { status: "starting", crashes: 1, crashTimes: [], crash, since: 0, again: true },
    "unhealthy",
    "it is starting again",
  ],
  [
    { status: "backoff", crashes: 1, crashTimes: [], crash, until: 9 },
    "unhealthy",
    "it crashed (exit code 1) and will be started again",
  ],
  [
    { status: "backoff", crashes: 0, crashTimes: [], crash: { ...crash, reason: "no room", cause: "host" }, until: 9 },
    "unhealthy",
    "no room; it will be tried again",
  ],
  [{ status: "stopping", next: "disabled" }, "unhealthy", "it is stopping"],
  [{ status: "stopping", next: "starting" }, "unhealthy", "it is being restarted"],
];

test.each(STATES)("%j", (state, health, reason) => {
  const body = pluginBody(installed({ state }), ADMIN);
  expect(body).toMatchObject({ status: state.status, health, health_reason: reason });
  expect(pluginSchema.parse(body)).toEqual(body);
});

test("numbers are whole, times are RFC 3339, what a manifest leaves out is null", () => {
  const body = pluginBody(installed({ lastCrash: crash, retryInMs: 10.4 }), ADMIN);
  expect(body).toMatchObject({
    uptime_ms: 1235,
    retry_in_ms: 10,
    author: null,
    crash_limit: 10,
    crash: { at: "1970-01-01T00:00:00.000Z", uptime_ms: 13, output: ["last words"] },
  });
});

test("a change of a file that is gone has no plugin", () => {
  const change = pluginChangeBody({ id: null, file: "x.binary", plugin: null, event: null }, ADMIN);
  expect(change).toEqual({ id: null, file: "x.binary", plugin: null, event: null });
  expect(pluginChangeSchema.parse(change)).toEqual(change);
});

test("what a crashed plugin printed is for admins alone", () => {
  const plugin = installed({ lastCrash: { ...crash, output: ["secret"] } });
  expect(pluginBody(plugin, ADMIN)).toMatchObject({ crash: { output: ["secret"] } });
  const forUser = pluginBody(plugin, { crashLimit: 10, role: "user" });
  expect(forUser).toMatchObject({ crash: { reason: crash.reason, output: [] } });
  expect(JSON.stringify(forUser)).not.toContain("secret");
});
