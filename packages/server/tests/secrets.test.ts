import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN_PASSWORD, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** Every secret begins with this. */
const MARK = "s3cr3t-";

/** The end of the host looks for all of its secrets in all of its logs and in what it printed. */
test("no secret is in any log, whatever was asked and whatever failed", async () => {
  await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
  await host.reaches("acme", "running", "healthy");
  host.keepsSecret(MARK);
  const origin = host.url;
  const json = { "content-type": "application/json", origin };
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(host.url + path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });

  const user = { username: "ada", password: `${MARK}password`, role: "user" };
  expect((await host.post("/api/users", user)).status).toBe(201);
  expect((await post("/api/auth/login", user)).status).toBe(200);
  expect((await post("/api/auth/login", { ...user, password: `${MARK}wrong` })).status).toBe(401);
  expect((await post("/api/auth/setup", { token: `${MARK}setup`, password: `${MARK}new` })).status).toBe(403);
  const change = { current_password: `${MARK}current`, new_password: `${MARK}next` };
  expect((await host.post("/api/auth/password", change)).status).toBe(401);
  const token = await host.token("manage");
  const bearer = { authorization: `Bearer ${token}` };
  expect((await post("/api/plugins/acme/kv", { action: "set", key: "k", value: `${MARK}value` }, bearer)).status).toBe(
    200,
  );
  const unknown = { authorization: `Bearer toru_${MARK}token`, cookie: `toru_session=${MARK}session` };
  expect((await post("/api/tokens", { name: "x" }, unknown)).status).toBe(401);

  const carried = { "x-api-key": `${MARK}header`, cookie: `${host.cookie}; other=${MARK}cookie` };
  const failing = ["error", "bad-status", "bad-header", "crash?code=3", "garbage?kind=json"];
  for (const path of failing) {
    const separator = path.includes("?") ? "&" : "?";
    const url = `/plugins/acme/${path}${separator}key=${MARK}query`;
    const answer = await post(url, { password: `${MARK}body` }, carried);
    expect([path, answer.status]).toEqual([path, 502]);
    if (path.startsWith("crash"))
      await until("it runs again", async () => ((await host.plugin("acme"))?.restarts ?? 0) > 0);
    await host.reaches("acme", "running", "healthy");
  }
  await post(`/api/plugins/route/acme/hooks/${MARK}path/hang`, {}, { ...carried, ...bearer }); // answered by an echo
  await post(`/plugins/acme/hooks/${MARK}path/error`, {}, carried);
  const reset = await host.command("admin", "reset-password");
  host.keepsSecret(reset.stdout.trim().split(/\s+/).at(-1) ?? "");

  const log = await readFile(join(host.logDir, "host.log"), "utf8");
  expect(log).toContain("/api/auth/login");
  expect(log).toContain("/plugins/acme/…");
  expect(log).not.toContain(ADMIN_PASSWORD);
});
