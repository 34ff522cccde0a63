import { log, type RequestContext } from "@toru/plugin";
import { type Context, Hono } from "hono";
import { type Delivery, forUsers, withReplay } from "./delivery.ts";
import type { DeliveryStore, Query } from "./delivery-store.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import { receive } from "./receive.ts";
import { replay } from "./replay.ts";
import { publicSource, readTarget, type Source } from "./source.ts";
import type { SourceStore } from "./source-store.ts";
import { WebhookError } from "./webhook-error.ts";

interface Stores {
  sources: SourceStore;
  deliveries: DeliveryStore;
}

/** What a source has refused since the plugin started. */
interface Refusals {
  count: number;
  last: { at: string; reason: string };
}

type App = Hono<{ Bindings: RequestContext }>;
type Call = Context<{ Bindings: RequestContext }>;

export function createApp({ sources, deliveries }: Stores): App {
  const app: App = new Hono();
  const refusals = new Map<string, Refusals>();
  addSources(app, sources, refusals);
  addDeliveries(app, { sources, deliveries });
  app.on(["POST", "PUT"], "/in/:name", async (c) => {
    const source = sources.get(c.req.param("name"));
    try {
      const { delivery, isDuplicate } = await receive(source, c.req.raw, deliveries);
      if (!isDuplicate) log.info("a webhook came in", { source: source.name, id: delivery.id, event: delivery.event });
      return c.json({ id: delivery.id, duplicate: isDuplicate }, isDuplicate ? 200 : 202);
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      const count = (refusals.get(source.name)?.count ?? 0) + 1;
      refusals.set(source.name, { count, last: { at: new Date().toISOString(), reason: error.message } });
      log.warn("a webhook was refused", { source: source.name, reason: error.message });
      throw error;
    }
  });
  app.get("/status", (c) => c.json({ ...deliveries.status, maxBodyBytes: MAX_BODY_BYTES }));
  app.notFound((c) => fail(c, new WebhookError("not_found", `there is nothing at ${c.req.path}`)));
  app.onError((error, c) => {
    if (error instanceof WebhookError) return fail(c, error);
    throw error; // a fault of ours: the host answers 502, the log has the stack
  });
  return app;
}

function addSources(app: App, sources: SourceStore, refusals: Map<string, Refusals>): void {
  app.get("/sources", (c) => {
    const view = (source: Source) => {
      return { ...publicSource(source, isAdmin(c)), refused: refusals.get(source.name) ?? null };
    };
    return c.json({ sources: sources.list().map(view) });
  });
  app.post("/sources", async (c) => {
    onlyAdmins(c);
    const { source, madeSecret } = await sources.create(await jsonOf(c), new Date().toISOString());
    log.info("a source was created", { source: source.name, kind: source.kind, by: c.env.user?.name });
    return c.json({ source: publicSource(source, true), secret: madeSecret }, 201);
  });
  app.put("/sources/:name", async (c) => {
    onlyAdmins(c);
    const source = await sources.update(c.req.param("name"), await jsonOf(c));
    log.info("a source was changed", { source: source.name, by: c.env.user?.name });
    return c.json({ source: publicSource(source, true) });
  });
  app.delete("/sources/:name", async (c) => {
    onlyAdmins(c);
    const { name } = await sources.remove(c.req.param("name"));
    refusals.delete(name);
    log.info("a source was removed", { source: name, by: c.env.user?.name });
    return c.body(null, 204);
  });
}

function addDeliveries(app: App, { sources, deliveries }: Stores): void {
  const view = (c: Call, delivery: Delivery) => (isAdmin(c) ? delivery : forUsers(delivery));
  app.get("/deliveries", (c) => {
    const found = deliveries.search(readQuery(c));
    return c.json({ ...found, deliveries: found.deliveries.map((delivery) => view(c, delivery)) });
  });
  app.get("/deliveries/:id", async (c) => {
    const delivery = deliveries.get(c.req.param("id"));
    return c.json({ delivery: view(c, delivery), ...textOf(await deliveries.body(delivery.id)) });
  });
  // As a file to save: whatever a webhook holds, no browser runs it as a page of this host.
  app.get("/deliveries/:id/body", async (c) => {
    const id = c.req.param("id");
    return c.body(Buffer.from(await deliveries.body(id)), 200, {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${id}.body"`,
      "x-content-type-options": "nosniff",
    });
  });
  app.delete("/deliveries/:id", async (c) => {
    onlyAdmins(c);
    await deliveries.remove(deliveries.get(c.req.param("id")).id);
    return c.body(null, 204);
  });
  app.post("/deliveries/:id/replay", async (c) => {
    onlyAdmins(c);
    const delivery = deliveries.get(c.req.param("id"));
    const source = sources.find(delivery.source);
    const { url } = (await jsonOf(c)) as { url?: unknown };
    const target = readTarget(url ?? source?.replayUrl);
    const body = Buffer.from(await deliveries.body(delivery.id));
    const by = c.env.user?.name ?? "";
    const done = await replay({ delivery, body, source, url: target, by, signal: c.req.raw.signal });
    log.info("a webhook was replayed", { id: delivery.id, host: target.host, status: done.status, by });
    await deliveries.replace(withReplay(deliveries.get(delivery.id), done));
    return c.json({ replay: done });
  });
}

function isAdmin(c: Call): boolean {
  return c.env.user?.role === "admin";
}

function onlyAdmins(c: Call): void {
  if (!isAdmin(c)) throw new WebhookError("forbidden", "only an admin may do this");
}

function fail(c: Call, { status, code, message }: WebhookError): Response {
  return c.json({ error: { code, message } }, status);
}

async function jsonOf(c: Call): Promise<unknown> {
  try {
    return (await c.req.json()) ?? {};
  } catch {
    throw new WebhookError("invalid", "the body is no JSON");
  }
}

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
const MAX_QUERY_CHARACTERS = 200;

function readQuery(c: Call): Query {
  const { q: text = "", source = null, before = null, limit: given = String(DEFAULT_PAGE) } = c.req.query();
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw new WebhookError("invalid", `limit: a whole number from 1 to ${MAX_PAGE}`);
  }
  if (text.length > MAX_QUERY_CHARACTERS) {
    throw new WebhookError("invalid", `q: at most ${MAX_QUERY_CHARACTERS} characters`);
  }
  return { text, source: source === "" ? null : source, before, limit };
}

/** The body as text, or in base64 where it is none. */
function textOf(body: Uint8Array): { body: string; encoding: "text" | "base64" } {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true }).decode(body), encoding: "text" };
  } catch {
    return { body: Buffer.from(body).toString("base64"), encoding: "base64" };
  }
}
