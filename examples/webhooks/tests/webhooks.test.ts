import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlugin, type StartedPlugin, type TestRequestInit } from "@toru/plugin/testing";
import { sign } from "../src/signature.ts";
import { readSettings } from "../src/source.ts";

const EXAMPLE = join(import.meta.dir, "..");
const SECRET = "a secret of the tests";
const EVA = { name: "eva", role: "user" } as const;
const BODY = JSON.stringify({ type: "order.paid", order: { id: 7, customer: "Zażółć" } });

let folder = "";
let binary = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-webhooks-"));
  binary = join(folder, "webhooks.binary");
  const command = ["node", join(EXAMPLE, "../../sdks/typescript/command/toru-plugin.mjs"), "build", "--output", binary];
  const build = Bun.spawn(command, { cwd: EXAMPLE, stdout: "pipe", stderr: "inherit", timeout: 60_000 });
  expect(await new Response(build.stdout).text()).toContain("a page of");
  for (const runtime of ["node", "bun"]) await Bun.$`mkdir -p ${join(folder, runtime)}`;
  await symlink(Bun.which("node") ?? "", join(folder, "node/node"));
  await symlink(process.execPath, join(folder, "bun/bun"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Answer {
  status: number;
  json: ReturnType<typeof JSON.parse>;
}

async function ask(plugin: StartedPlugin, path: string, init?: TestRequestInit): Promise<Answer> {
  const response = await plugin.fetch(path, init);
  const text = await response.text();
  return { status: response.status, json: text === "" ? null : JSON.parse(text) };
}

const post = (plugin: StartedPlugin, path: string, value: unknown, init: TestRequestInit = {}) =>
  ask(plugin, path, { method: "POST", body: JSON.stringify(value), ...init });

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Sends a webhook as its sender would. */
function send(
  plugin: StartedPlugin,
  settings: Record<string, unknown> & { name: string; kind: string },
  { body = BODY, secret = SECRET, headers = {}, at = nowSeconds(), query = "" } = {},
): Promise<Answer> {
  const signature = sign({ ...readSettings(settings), secret }, Buffer.from(body), at);
  const init = { method: "POST", body, headers: { "content-type": "application/json", ...signature, ...headers } };
  return ask(plugin, `/in/${settings.name}${query}`, { ...init, user: EVA });
}

const SOURCES = [
  { name: "github", kind: "github" },
  { name: "stripe", kind: "stripe" },
  { name: "hex", kind: "generic" },
  { name: "shop", kind: "generic", header: "x-shop-hmac", algorithm: "sha512", encoding: "base64", prefix: "v1=" },
];

describe.each(["node", "bun"])("the built plugin on %s", (runtime) => {
  const start = async (...sources: (Record<string, unknown> & { name: string })[]) => {
    const plugin = await startPlugin(binary, { env: { PATH: join(folder, runtime) } });
    for (const source of sources) {
      expect(await post(plugin, "/sources", { secret: SECRET, ...source })).toMatchObject({ status: 201 });
    }
    return plugin;
  };

  test.each(SOURCES)("$name: a right signature is taken, wrong ones are refused with the reason", async (source) => {
    await using plugin = await start(source);
    const header = Object.keys(sign({ ...readSettings(source), secret: "x" }, Buffer.from(""), 0))[0] ?? "";
    expect(await send(plugin, source)).toMatchObject({ status: 202, json: { duplicate: false } });
    expect(await send(plugin, source, { secret: "another one" })).toMatchObject({ status: 401 });
    expect(await send(plugin, source, { headers: { [header]: "sha256=00" } })).toMatchObject({ status: 401 });
    expect(await send(plugin, source, { headers: { [header]: "" } })).toMatchObject({ status: 401 });
    const forged = await send(plugin, source, { headers: { [header]: "v1=zz" } });
    expect(forged.json.error).toMatchObject({ code: "bad_signature" });
    const { json } = await ask(plugin, "/sources");
    expect(json.sources[0].refused).toMatchObject({ count: 4 });
    expect((await ask(plugin, "/deliveries")).json.total).toBe(1);
  });

  test("a timestamp out of the tolerance is refused, in either direction", async () => {
    const source = { name: "stripe", kind: "stripe", toleranceSeconds: 60 };
    await using plugin = await start(source);
    expect(await send(plugin, source, { at: nowSeconds() - 50 })).toMatchObject({ status: 202 });
    for (const away of [-120, 120]) {
      const { status, json } = await send(plugin, source, { at: nowSeconds() + away });
      expect([status, json.error.message]).toEqual([401, "its timestamp is more than 60 s from this server's clock"]);
    }
  });

  test("one of several signatures is enough while a secret is replaced", async () => {
    const source = { name: "stripe", kind: "stripe" };
    await using plugin = await start(source);
    const right = sign({ ...readSettings(source), secret: SECRET }, Buffer.from(BODY), nowSeconds());
    const header = right["stripe-signature"]?.replace(",v1=", `,v1=${"0".repeat(64)},v1=`) ?? "";
    expect(await send(plugin, source, { headers: { "stripe-signature": header } })).toMatchObject({ status: 202 });
  });

  test("a webhook is shown as it came: event, sender's id, headers without secrets, body", async () => {
    await using plugin = await start({ name: "github", kind: "github" });
    const headers = {
      "x-github-event": "push",
      "x-github-delivery": "d-1",
      authorization: "Basic abc",
      "x-gitlab-token": "hush",
    };
    const { json: sent } = await send(plugin, { name: "github", kind: "github" }, { headers, query: "?a=b" });
    const { json } = await ask(plugin, `/deliveries/${sent.id}`, { user: EVA });
    expect(json).toMatchObject({ body: BODY, encoding: "text" });
    expect(json.delivery).toMatchObject({
      source: "github",
      event: "push",
      deliveryId: "d-1",
      query: "?a=b",
      method: "POST",
      isVerified: true,
      attempts: 1,
      bodyBytes: Buffer.byteLength(BODY),
    });
    expect(json.delivery.headers).toMatchObject({ authorization: "(hidden)", "x-gitlab-token": "(hidden)" });
    expect(Object.keys(json.delivery.headers).filter((name) => name.startsWith("x-toru"))).toEqual([]);
    const raw = await plugin.fetch(`/deliveries/${sent.id}/body`, { user: EVA });
    expect(raw.headers.get("content-type")).toBe("application/octet-stream");
    expect(raw.headers.get("content-disposition")).toContain("attachment");
    expect(await raw.text()).toBe(BODY);
  });

  test("bytes that are no text come back as they were", async () => {
    await using plugin = await start({ name: "open", kind: "none" });
    const bytes = new Uint8Array([0, 255, 128, 1]);
    const { json: sent } = await ask(plugin, "/in/open", { method: "PUT", body: bytes, user: EVA });
    const { json } = await ask(plugin, `/deliveries/${sent.id}`);
    expect(json).toMatchObject({ body: Buffer.from(bytes).toString("base64"), encoding: "base64" });
    expect(json.delivery).toMatchObject({ isVerified: false, event: null, deliveryId: null });
  });

  test("a second delivery of one id is counted and not stored again, also after a restart and at once", async () => {
    const source = { name: "shop", kind: "generic", idHeader: "x-shop-delivery" };
    await using plugin = await start(source);
    const headers = { "x-shop-delivery": "same" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(plugin, source, { headers })));
    expect(answers.filter(({ json }) => !json.duplicate)).toHaveLength(1);
    expect(await send(plugin, source, { headers: { "x-shop-delivery": "other" } })).toMatchObject({ status: 202 });
    const { json } = await ask(plugin, "/deliveries");
    expect(json.deliveries.map(({ attempts }: { attempts: number }) => attempts)).toEqual([1, 5]);
  });

  test("what was answered as stored is there after a kill; half of a webhook is not", async () => {
    const source = { name: "shop", kind: "generic" };
    const plugin = await start(source);
    const { json: sent } = await send(plugin, source, { headers: { "x-delivery-id": "one" } });
    const kept = join(folder, `kept-${runtime}`);
    await Bun.$`cp -r ${plugin.dataDir} ${kept}`;
    await Bun.write(join(kept, "deliveries/000000000-dead.body"), "half");
    await Bun.write(join(kept, "deliveries/zzz.json.ab.new"), "half");
    await Bun.write(join(kept, "deliveries/broken.json"), "{");
    await Bun.write(join(kept, "deliveries/broken.body"), "");
    await plugin[Symbol.asyncDispose]();
    const env = { PATH: join(folder, runtime), TORU_PLUGIN_DATA_DIR: kept };
    await using again = await startPlugin(binary, { env });
    expect((await ask(again, `/deliveries/${sent.id}`)).json).toMatchObject({ body: BODY });
    expect(await send(again, source, { headers: { "x-delivery-id": "one" } })).toMatchObject({
      status: 200,
      json: { duplicate: true, id: sent.id },
    });
    expect(await readdir(join(kept, "deliveries"))).not.toContain("000000000-dead.body");
    expect((await ask(again, "/status")).json.count).toBe(1);
    expect(again.logs.map(({ message }) => message)).toContain("a webhook cannot be read, and is left out");
  });

  test("search finds words of events, ids, headers and bodies, in pages, the newest first", async () => {
    await using plugin = await start({ name: "a", kind: "none" }, { name: "b", kind: "none" });
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const body = JSON.stringify({ type: index % 2 === 0 ? "Even.Created" : "odd.created", n: `number-${index}` });
      const headers = { "x-tenant": `tenant-${index % 3}` };
      const { json } = await send(plugin, { name: index < 3 ? "a" : "b", kind: "none" }, { body, headers });
      ids.unshift(json.id);
    }
    const find = async (query: string) => {
      const { json } = await ask(plugin, `/deliveries?${query}`, { user: EVA });
      return { ...json, ids: json.deliveries.map(({ id }: { id: string }) => id) };
    };
    expect((await find("")).ids).toEqual(ids);
    expect(await find("q=EVEN")).toMatchObject({ total: 3, next: null });
    expect((await find("q=tenant-1+odd")).ids).toEqual([ids[4]]);
    expect((await find("q=number-5")).ids).toEqual([ids[0]]);
    expect((await find("source=a")).ids).toEqual(ids.slice(3));
    expect(await find("q=nothing-like-it")).toMatchObject({ total: 0 });
    const page = await find("limit=4");
    expect(page).toMatchObject({ total: 6, next: ids[3] });
    expect((await find(`limit=4&before=${page.next}`)).ids).toEqual(ids.slice(4));
    expect((await ask(plugin, "/deliveries?limit=0")).status).toBe(400);
  });

  test("only admins change something; everybody who is signed in may look and send", async () => {
    await using plugin = await start({ name: "open", kind: "none", replayUrl: "http://127.0.0.1:9/secret-path" });
    const { json: sent } = await send(plugin, { name: "open", kind: "none" });
    const attempts: [string, string][] = [
      ["POST", "/sources"],
      ["PUT", "/sources/open"],
      ["DELETE", "/sources/open"],
      ["DELETE", `/deliveries/${sent.id}`],
      ["POST", `/deliveries/${sent.id}/replay`],
    ];
    for (const [method, path] of attempts) {
      for (const user of [EVA, null]) {
        expect(await ask(plugin, path, { method, body: "{}", user })).toMatchObject({ status: 403 });
      }
    }
    await post(plugin, `/deliveries/${sent.id}/replay`, {});
    for (const path of ["/sources", "/deliveries", `/deliveries/${sent.id}`]) {
      const { status, json } = await ask(plugin, path, { user: EVA });
      expect(status).toBe(200);
      expect(JSON.stringify(json)).not.toContain("secret-path");
    }
  });

  test("a secret is shown once where it was made up, and never again; nor is it logged", async () => {
    await using plugin = await start();
    const { json } = await post(plugin, "/sources", { name: "github", kind: "github" });
    expect(json.secret).toMatch(/^[0-9a-f]{64}$/);
    const given = await post(plugin, "/sources", { name: "given", kind: "stripe", secret: SECRET });
    expect(given.json.secret).toBeNull();
    await send(plugin, { name: "github", kind: "github" }, { secret: "wrong one" });
    expect(await send(plugin, { name: "github", kind: "github" }, { secret: json.secret })).toMatchObject({
      status: 202,
    });
    const changed = await ask(plugin, "/sources/github", { method: "PUT", body: '{"secret":"12345678"}' });
    expect(changed.json).toEqual({ source: expect.objectContaining({ name: "github", hasSecret: true }) });
    const github = { name: "github", kind: "github" };
    expect(await send(plugin, github, { secret: json.secret })).toMatchObject({ status: 401 });
    expect(await send(plugin, github, { secret: "12345678" })).toMatchObject({ status: 202 });
    const told = JSON.stringify([(await ask(plugin, "/sources")).json, plugin.logs, plugin.output]);
    for (const secret of [json.secret, SECRET, "12345678"]) expect(told).not.toContain(secret);
    expect((await stat(join(plugin.dataDir, "sources.json"))).mode & 0o777).toBe(0o600);
  });

  test("a replay sends method, headers and body again, signed anew, and is remembered", async () => {
    const received: { method: string; url: string; headers: Headers; body: string }[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        const { method, url, headers } = request;
        received.push({ method, url, headers, body: await request.text() });
        return new Response("x".repeat(5000), { status: 503 });
      },
    });
    const source = { name: "stripe", kind: "stripe", replayUrl: `http://127.0.0.1:${server.port}/hook` };
    await using plugin = await start(source);
    const headers = { "x-tenant": "seven", cookie: "a=1" };
    const { json: sent } = await send(plugin, source, { at: nowSeconds() - 200, headers, query: "?x=1" });
    const { json } = await post(plugin, `/deliveries/${sent.id}/replay`, {});
    expect(json.replay).toMatchObject({ status: 503, by: "admin", url: source.replayUrl });
    expect(json.replay.answer).toHaveLength(2048);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: "POST", url: `${source.replayUrl}?x=1`, body: BODY });
    expect(received[0]?.headers.get("x-tenant")).toBe("seven");
    expect(received[0]?.headers.get("cookie")).toBeNull();
    expect(received[0]?.headers.get("x-toru-replay")).toBe(sent.id);
    const time = Number(/t=(\d+)/.exec(received[0]?.headers.get("stripe-signature") ?? "")?.[1]);
    expect(Math.abs(time - nowSeconds())).toBeLessThan(60);
    await server.stop(true);
    const refused = await post(plugin, `/deliveries/${sent.id}/replay`, { url: source.replayUrl });
    expect(refused.json.replay).toMatchObject({ status: null });
    const { delivery } = (await ask(plugin, `/deliveries/${sent.id}`)).json;
    expect(delivery.replays.map(({ status }: { status: number | null }) => status)).toEqual([null, 503]);
    for (const url of ["ftp://127.0.0.1/", "nonsense", "http://user:pass@127.0.0.1/", 7]) {
      expect(await post(plugin, `/deliveries/${sent.id}/replay`, { url })).toMatchObject({ status: 400 });
    }
  });

  test("limits: size of a body, wrong settings, doubled and unknown sources", async () => {
    await using plugin = await start({ name: "open", kind: "none" });
    const open = { name: "open", kind: "none" };
    expect(await send(plugin, open, { body: "x".repeat(1024 * 1024 + 1) })).toMatchObject({ status: 413 });
    expect(await send(plugin, open, { body: "x".repeat(1024 * 1024) })).toMatchObject({ status: 202 });
    expect(await post(plugin, "/sources", open)).toMatchObject({ status: 409, json: { error: { code: "exists" } } });
    const wrong = [
      null,
      {},
      { name: "A", kind: "none" },
      { name: "a", kind: "else" },
      { name: "a", kind: "generic", header: "X Y" },
      { name: "a", kind: "generic", algorithm: "md5" },
      { name: "a", kind: "stripe", toleranceSeconds: 0 },
      { name: "a", kind: "github", secret: "short" },
      { name: "a", kind: "none", replayUrl: "file:///etc/passwd" },
    ];
    for (const settings of wrong) {
      expect(await post(plugin, "/sources", settings)).toMatchObject({
        status: 400,
        json: { error: { code: "invalid" } },
      });
    }
    expect(await ask(plugin, "/sources/open", { method: "PUT", body: '{"kind":"github"}' })).toMatchObject({
      status: 400,
    });
    expect(await ask(plugin, "/in/nobody", { method: "POST", body: "x" })).toMatchObject({ status: 404 });
    for (const path of ["/nothing", "/deliveries/none", "/deliveries/../sources.json"]) {
      expect((await ask(plugin, path)).status).toBe(404);
    }
    expect(await ask(plugin, "/sources", { method: "POST", body: "{" })).toMatchObject({ status: 400 });
  });

  test("the oldest webhooks go when there are more than are kept, with their files", async () => {
    const open = { name: "open", kind: "none" };
    const before = await start(open);
    const { json: one } = await send(before, open, { body: "x" });
    const full = join(folder, `full-${runtime}`);
    await Bun.$`cp -r ${before.dataDir} ${full}`;
    await before[Symbol.asyncDispose]();
    const meta = await readFile(join(full, `deliveries/${one.id}.json`), "utf8");
    for (let number = 1; number < 980; number += 1) {
      const id = `${one.id}-${number}`;
      await Bun.write(join(full, `deliveries/${id}.json`), meta.replaceAll(one.id, id));
      await Bun.write(join(full, `deliveries/${id}.body`), "x");
    }
    const env = { PATH: join(folder, runtime), TORU_PLUGIN_DATA_DIR: full };
    await using plugin = await startPlugin(binary, { env });
    expect((await ask(plugin, "/status")).json).toMatchObject({ count: 980, bytes: 980 });
    await Promise.all(Array.from({ length: 50 }, () => send(plugin, open, { body: "x" })));
    expect((await ask(plugin, "/status")).json).toMatchObject({ count: 1000, bytes: 1000 });
    expect((await ask(plugin, `/deliveries/${one.id}-1`)).status).toBe(404);
    const names = await readdir(join(full, "deliveries"));
    expect(names).toHaveLength(2000);
    expect(names.filter((name) => name.startsWith(`${one.id}-1.`))).toEqual([]);
  });

  test("a webhook that cannot be written is not counted, and its sender is not told that it was", async () => {
    await using plugin = await start({ name: "open", kind: "none" });
    await rm(join(plugin.dataDir, "deliveries"), { recursive: true });
    expect(await send(plugin, { name: "open", kind: "none" }).then(() => "", String)).toContain("internal");
    expect((await ask(plugin, "/status")).json).toMatchObject({ count: 0, bytes: 0 });
  });
});

test("the page is in the file", async () => {
  await using plugin = await startPlugin(binary);
  const page = (await plugin.page()) ?? "";
  expect(page).toContain("Search events, ids, headers, bodies");
  expect(plugin.manifest).toMatchObject({ id: "webhooks", route: "/webhooks", protocol: 2, handles: ["http"] });
});
