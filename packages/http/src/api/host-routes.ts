import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { hostname } from "node:os";
import { healthSchema, hostSchema, readinessSchema } from "@toru/http-api";
import { hostMetrics } from "../probe/host-metrics.ts";
import { PROMETHEUS_MEDIA_TYPE, renderMetrics } from "../probe/prometheus.ts";
import { ADMIN_PROBLEMS, json, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { type ApiEnv, signedIn } from "./request-context.ts";

const tags = ["host"];

const host = createRoute({
  method: "get",
  path: "/api/host",
  tags,
  summary: "The host itself",
  ...guard("user"),
  responses: { 200: json(hostSchema, "The host"), ...problems(...USER_PROBLEMS) },
});

// The probes have no guard: they must answer while the storage, which knows the users, does not.
const health = createRoute({
  method: "get",
  path: "/healthz",
  tags,
  summary: "Whether the host answers at all",
  security: [],
  responses: { 200: json(healthSchema, "It does"), ...problems() },
});

const ready = createRoute({
  method: "get",
  path: "/readyz",
  tags,
  summary: "Whether the host can work",
  security: [],
  responses: { ...problems(), 200: json(readinessSchema, "It can"), 503: json(readinessSchema, "It cannot") },
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  tags,
  summary: "Metrics for Prometheus",
  ...guard("admin"),
  responses: {
    200: { description: "Text format 0.0.4", content: { "text/plain": { schema: z.string() } } },
    ...problems(...ADMIN_PROBLEMS),
  },
});

export function hostRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(host, async (c) => {
    const { host, hostStartedAt, accounts } = c.env.services;
    const body = {
      version: host.version,
      instance_id: host.instanceId,
      uptime_ms: Math.round(host.clock.monotonic() - host.startedAt),
      pid: process.pid,
      hostname: hostname(),
      platform: `${process.platform} ${process.arch}`,
      started_at: hostStartedAt,
      url: host.url,
      plugins_dir: signedIn(c.env).role === "admin" ? host.pluginsDir : null,
      setup_required: (await accounts.countAccounts()) === 0,
    };
    return c.json(body, 200);
  });
  app.openapi(health, (c) => c.json({ status: "ok" } as const, 200));
  app.openapi(ready, async (c) => {
    const { readiness, closing } = c.env.services;
    const storage = await readiness.ask();
    const detail = closing.aborted ? "the host is stopping" : storage.storage === "failed" ? storage.detail : null;
    const body = { storage: storage.storage, detail } as const;
    return detail === null
      ? c.json({ status: "ready", ...body } as const, 200)
      : c.json({ status: "not_ready", ...body } as const, 503);
  });
  app.openapi(metrics, (c) => {
    const text = renderMetrics(hostMetrics(c.env.services));
    return c.text(text, 200, { "content-type": PROMETHEUS_MEDIA_TYPE });
  });
}
