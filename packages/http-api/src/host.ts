import { z } from "zod";

export const healthSchema = z.object({ status: z.literal("ok") });
export const readinessSchema = z
  .object({ status: z.enum(["ready", "not_ready"]), storage: z.enum(["ok", "failed"]), detail: z.string().nullable() })
  .meta({ id: "Readiness" });

export const hostSchema = z
  .object({
    version: z.string(),
    instance_id: z.string(),
    uptime_ms: z.int(),
    pid: z.int(),
    hostname: z.string(),
    platform: z.string().meta({ description: "System and processor, like `linux x64`" }),
    started_at: z.iso.datetime(),
    url: z.string().meta({ description: "Where it listens; behind a proxy browsers use another address" }),
    plugins_dir: z.string().nullable().meta({ description: "Folder of the plugins; null for who is no admin" }),
    setup_required: z.boolean().meta({ description: "No admin exists yet" }),
  })
  .meta({ id: "Host" });

export type Host = z.infer<typeof hostSchema>;
