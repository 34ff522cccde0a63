import { z } from "zod";

export const crashSchema = z
  .object({
    at: z.iso.datetime().meta({ description: "When the process ended, RFC 3339 UTC" }),
    code: z.int().nullable().meta({ description: "Exit code; null where a signal ended it or none was started" }),
    signal: z.string().nullable(),
    reason: z.string().meta({ description: "In words" }),
    uptime_ms: z.int().nonnegative(),
    output: z
      .array(z.string())
      .meta({ description: "The last 50 lines of stdout and stderr; only admins are given them, others get none" }),
  })
  .meta({ id: "Crash" });

export const pluginStatus = z
  .enum(["disabled", "starting", "running", "backoff", "stopping", "failed"])
  .meta({ id: "PluginStatus", description: "`failed`: disabled by the crash limit" });

export const installedPluginSchema = z
  .object({
    id: z.string(),
    file: z.string(),
    name: z.string(),
    version: z.string(),
    icon: z.string(),
    route: z.string(),
    author: z.string().nullable(),
    description: z.string().nullable(),
    homepage: z.string().nullable(),
    license: z.string().nullable(),
    isolation: z.enum(["none", "iframe"]).meta({
      description: "`iframe`: its page runs in a frame without an origin and cannot act as the signed-in user",
    }),
    protocol: z.union([z.literal(1), z.literal(2)]),
    handles: z.array(z.string()),
    enabled: z.boolean(),
    status: pluginStatus,
    health: z.enum(["healthy", "unhealthy", "disabled"]),
    health_reason: z.string().nullable().meta({ description: "Why it is not healthy" }),
    pid: z.int().nullable(),
    uptime_ms: z.int().nullable(),
    restarts: z.int().nonnegative().meta({ description: "Since the host started" }),
    crashes: z.int().nonnegative().meta({ description: "In a row" }),
    crash_limit: z.int().positive(),
    crash: crashSchema.nullable().meta({ description: "The last one since the host started" }),
    retry_in_ms: z.int().nonnegative().nullable().meta({ description: "Until the next start, in backoff" }),
    problem: z.string().nullable().meta({ description: "Something about the file that a person should know" }),
    revision: z.string().meta({ description: "Changes when its executable or the bundle file beside it does" }),
    development: z.boolean().meta({
      description: "Somebody works on it: missed health checks do not end it, its page follows each revision",
    }),
  })
  .meta({ id: "Plugin" });

export const invalidPluginSchema = z
  .object({
    id: z.string().nullable(),
    file: z.string(),
    status: z.literal("invalid"),
    reason: z.string(),
  })
  .meta({ id: "InvalidPlugin" });

export const pluginSchema = z.union([installedPluginSchema, invalidPluginSchema]);
export const pluginListSchema = z.array(pluginSchema);

export const eventType = z.enum(["started", "stopped", "crashed", "restarted", "enabled", "disabled", "unhealthy"]);

export const developmentSchema = z
  .object({
    lease_ms: z
      .int()
      .min(0)
      .max(60_000)
      .meta({ description: "So long from now, in milliseconds; 0 ends it. Renew it before it is over" }),
  })
  .meta({ id: "Development" });

export const pluginEventSchema = z
  .object({
    id: z.int(),
    plugin_id: z.string(),
    event_type: eventType,
    timestamp: z.iso.datetime(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "PluginEvent" });

export const eventPageSchema = z.object({
  events: z.array(pluginEventSchema).meta({ description: "Newest first" }),
  cursor: z.string().nullable().meta({ description: "For the page of older events; null where there are none" }),
});

/** Given several times, or separated by commas. */
const eventTypes = z
  .union([z.string(), z.array(z.string())])
  .transform((given, context) => {
    const names = new Set([given].flat().flatMap((text) => text.split(",")));
    const types = z.array(eventType).safeParse([...names]);
    if (types.success) return types.data;
    context.addIssue({ code: "custom", message: `must be out of ${eventType.options.join(", ")}` });
    return z.NEVER;
  })
  .optional();

export const eventQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  type: eventTypes.meta({ description: "Several: given again, or separated by commas" }),
});

export const allEventsQuerySchema = eventQuerySchema.extend({
  plugin: z.string().max(64).optional().meta({ description: "Only of this plugin; one that is gone too" }),
});

/** Absolute paths on the machine of the host. */
export const pluginPathsSchema = z
  .object({
    file: z.string().meta({ description: "The executable" }),
    log: z.string().meta({ description: "The newest log file; rotated ones lie beside it" }),
    data: z.string().meta({ description: "The plugin's own folder" }),
    socket: z.string(),
  })
  .meta({ id: "PluginPaths" });

/** What `GET /api/events` sends, as SSE events named `plugin`. */
export const pluginChangeSchema = z
  .object({
    file: z.string(),
    id: z.string().nullable(),
    plugin: pluginSchema.nullable().meta({ description: "Null where the file is gone" }),
    event: z
      .object({ event_type: eventType, timestamp: z.iso.datetime(), details: z.record(z.string(), z.unknown()) })
      .nullable(),
  })
  .meta({ id: "PluginChange" });

export type Crash = z.infer<typeof crashSchema>;
export type PluginStatus = z.infer<typeof pluginStatus>;
export type InstalledPlugin = z.infer<typeof installedPluginSchema>;
export type InvalidPlugin = z.infer<typeof invalidPluginSchema>;
export type Plugin = z.infer<typeof pluginSchema>;
export type PluginEventType = z.infer<typeof eventType>;
export type PluginEvent = z.infer<typeof pluginEventSchema>;
export type EventPage = z.infer<typeof eventPageSchema>;
export type PluginPaths = z.infer<typeof pluginPathsSchema>;
export type PluginChange = z.infer<typeof pluginChangeSchema>;
