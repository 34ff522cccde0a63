/** Does what a test asks of it, one path for each behaviour. */
import { definePlugin, kv, KvError, log, userOf } from "@toru/plugin";

console.log("printed while loading");
log.info("said while loading");

let inits = 0;
let cancelled = 0;
const stuck = { entered: 0, release: () => {} };
let gate = new Promise<void>((resolve) => (stuck.release = resolve));

const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
  "/echo": async (request) => {
    const body = Buffer.from(await request.arrayBuffer()).toString("base64");
    const { method, url } = request;
    return Response.json({ method, url, headers: Object.fromEntries(request.headers), body, user: userOf(request) });
  },
  "/bytes": () => new Response(new Uint8Array([0, 255, 1])),
  "/bom": () => new Response("\uFEFFx"),
  "/empty": () => new Response(null, { status: 204 }),
  "/unchanged": () => new Response(null, { status: 304, headers: { etag: '"x"' } }),
  "/cookies": () => {
    const response = new Response("two", { status: 201, headers: { "x-one": "1" } });
    response.headers.append("set-cookie", "a=1; Path=/");
    response.headers.append("set-cookie", "b=2");
    return response;
  },
  "/stream": () => {
    let left = 3;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(new TextEncoder().encode(`part ${left} `));
      left -= 1;
      if (left === 0) controller.close();
    };
    return new Response(new ReadableStream({ pull }));
  },
  "/endless": () => {
    const part = new Uint8Array(1024 * 1024);
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(part);
    const cancel = () => void (cancelled += 1);
    return new Response(new ReadableStream({ pull, cancel }));
  },
  "/large": () => {
    stuck.entered += 1;
    return new Response("x".repeat(4 * 1024 * 1024));
  },
  "/escapes": () => new Response("\u0001".repeat(4 * 1024 * 1024)),
  "/throws": () => {
    throw new Error("secret detail", { cause: new Error("deeper") });
  },
  "/nothing": () => undefined as unknown as Response,
  "/stuck": async () => {
    stuck.entered += 1;
    await gate;
    return new Response("released");
  },
  "/release": () => {
    stuck.release();
    gate = new Promise((resolve) => (stuck.release = resolve));
    return new Response("done");
  },
  "/until-go": async () => {
    stuck.entered += 1;
    while ((await kv.get("go")) === null) await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response("finished");
  },
  "/wait": (request) => {
    stuck.entered += 1;
    return new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => {
        cancelled += 1;
        log.info("aborted", { reason: String(request.signal.reason) });
        reject(request.signal.reason as Error);
      });
    });
  },
  "/counts": () => Response.json({ inits, cancelled, entered: stuck.entered }),
  "/busy": (request) => {
    const end = performance.now() + Number(new URL(request.url).searchParams.get("ms"));
    while (performance.now() < end);
    return new Response("done");
  },
  "/kv": async () => {
    await kv.set("b", "2");
    await kv.set("ключ", "");
    await kv.delete("never");
    return Response.json([await kv.get("b"), await kv.get("none"), await kv.get("ключ"), await kv.list({ limit: 1 })]);
  },
  "/kv-limits": async () => {
    const attempts = [
      kv.get(""),
      kv.get("k".repeat(513)),
      kv.get("\ud800"),
      kv.set("k", "v".repeat(1024 * 1024 + 1)),
      kv.list({ limit: 1001 }),
      kv.list({ limit: 0 }),
    ];
    const results = await Promise.allSettled(attempts);
    return Response.json(
      results.map((result) => result.status === "rejected" && result.reason instanceof KvError && result.reason.code),
    );
  },
  "/log": () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    log.debug("plain");
    log.warn("with fields", { n: 1, at: new Date(0), error: new Error("why") });
    log.info("odd fields", { big: 10n, cycle });
    console.log("to stdout");
    console.error("to stderr");
    return new Response("logged");
  },
};

export default definePlugin({
  id: "probe",
  name: "Probe",
  version: "1.0.0",
  icon: "zap",
  route: "/probe",
  description: "for tests",
  async init(context) {
    inits += 1;
    if ((await kv.get("fail-init")) !== null) throw new Error("init was told to fail");
    await context.kv.set("init", context.instanceId);
    await kv.set("data-dir", `${context.dataDir === process.cwd()}`);
  },
  async shutdown(context) {
    log.info("shutdown was called", { aborted: context.signal.aborted });
    await kv.set("shutdown", "called");
  },
  fetch(request) {
    const { pathname } = new URL(request.url);
    const route = routes[pathname];
    return route === undefined ? new Response(`nothing at ${pathname}`, { status: 404 }) : route(request);
  },
  handleKv: (operation) => (operation.action === "list" ? { keys: ["a"], more: false } : { value: operation.key }),
});
