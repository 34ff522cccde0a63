import { z } from "zod";

export const logLevel = z.enum(["debug", "info", "warn", "error"]);

export const logQuerySchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1).meta({ description: "1 is the newest" }),
  page_size: z.coerce.number().int().min(1).max(1000).default(100),
  level: logLevel.optional().meta({ description: "The least level" }),
  q: z.string().max(200).optional().meta({ description: "Text in message, error or fields, without regard to case" }),
  cursor: z.string().max(200).optional().meta({ description: "From an earlier page; `page` is ignored then" }),
});

export const logEntrySchema = z
  .object({
    timestamp: z.string(),
    level: logLevel,
    plugin: z.string(),
    message: z.string(),
    error: z.string().optional(),
    fields: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "LogEntry" });

export const logPageSchema = z
  .object({
    logs: z.array(logEntrySchema).meta({ description: "Oldest first" }),
    page: z.int(),
    page_size: z.int(),
    total: z.int().meta({ description: "Lines that match, in all files that are kept" }),
    cursor: z.string().nullable().meta({ description: "For the page of older lines; null where there are none" }),
    tail: z.string().nullable().meta({
      description:
        "Where the newest page ends: `after` of the live stream that goes on from there. Null on other pages",
    }),
  })
  .meta({ id: "LogPage" });

export const logStreamQuerySchema = logQuerySchema.pick({ level: true, q: true }).extend({
  after: z
    .string()
    .max(200)
    .optional()
    .meta({ description: "Resume behind this event id; `Last-Event-ID` does the same" }),
});

export const logDownloadQuerySchema = logQuerySchema.pick({ level: true, q: true });

export type LogLevel = z.infer<typeof logLevel>;
export type LogEntry = z.infer<typeof logEntrySchema>;
export type LogPage = z.infer<typeof logPageSchema>;
