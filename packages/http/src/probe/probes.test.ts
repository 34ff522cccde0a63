import { expect, test } from "bun:test";
import { readinessSchema } from "@toru/http-api";
import { TestHost } from "../testing/test-host.ts";

test("health is open and needs no storage", async () => {
  await using host = await TestHost.start({ storage: { check: () => Promise.reject(new Error("gone")) } });
  host.accounts.findSession = () => Promise.reject(new Error("gone"));
  const response = await host.fetch("/healthz", { headers: { cookie: `toru_session=${"x".repeat(43)}` } });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("readiness is 503 while the storage fails, and says nothing internal", async () => {
  let fails = true;
  const check = () => (fails ? Promise.reject(new Error("secret path")) : Promise.resolve());
  await using host = await TestHost.start({ storage: { check } });
  const response = await host.fetch("/readyz");
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(text).not.toContain("secret");
  expect(readinessSchema.parse(JSON.parse(text))).toMatchObject({ status: "not_ready", storage: "failed" });
  expect(host.logs.host.entries[0]?.error).toContain("secret path");
  fails = false;
  expect((await host.fetch("/readyz")).status).toBe(200);
  host.closing.abort();
  expect((await host.fetch("/readyz")).status).toBe(503);
});

test("a storage that does not answer is not ready after 2 s, and is asked once by many", async () => {
  let asked = 0;
  const check = () => {
    asked += 1;
    return new Promise<void>(() => {});
  };
  await using host = await TestHost.start({ storage: { check } });
  const answers = await Promise.all([host.fetch("/readyz"), host.fetch("/readyz")]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(asked).toBe(1);
}, 10_000);

test("metrics show the host, its plugins and its answers", async () => {
  await using host = await TestHost.start();
  host.logs.lost = 5;
  await host.fetch("/api/nothing");
  const response = await host.fetch("/metrics", { headers: await host.token("admin", "read") });
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await response.text()).split("\n");
  const expected = [
    'toru_build_info{version="1.2.3"} 1',
    "# TYPE toru_uptime_seconds gauge",
    'toru_plugin_up{plugin="acme"} 1',
    'toru_plugin_status{plugin="acme",status="running"} 1',
    'toru_plugin_status{plugin="acme",status="failed"} 0',
    'toru_plugin_restarts_total{plugin="acme"} 3',
    'toru_plugin_crashes_total{plugin="acme"} 1',
    'toru_plugin_requests_total{plugin="acme"} 7',
    'toru_plugin_request_errors_total{plugin="acme"} 2',
    'toru_plugin_dropped_replies_total{plugin="acme"} 0',
    "toru_log_lines_lost_total 5",
    'toru_http_requests_total{status="4xx"} 1',
    "toru_http_in_flight 1",
  ];
  for (const line of expected) expect(lines).toContain(line);
  expect(lines.some((line) => /^process_resident_memory_bytes \d+$/.test(line))).toBe(true);
});
