import { z } from "zod";

const key = z.string().meta({ description: "1 to 512 bytes of UTF-8" });

/**
 * The form of a kv request. Its limits (bytes, not characters) are checked by the same code that checks what plugins
 * send.
 */
export const kvRequestSchema = z
  .discriminatedUnion("action", [
    z.object({ action: z.literal("get"), key }),
    z.object({ action: z.literal("set"), key, value: z.string().meta({ description: "At most 1 MiB of UTF-8" }) }),
    z.object({ action: z.literal("delete"), key }),
    z.object({
      action: z.literal("list"),
      prefix: z.string().default(""),
      after: z.string().nullable().default(null),
      limit: z.int().min(1).max(1000).default(100),
    }),
  ])
  .meta({ id: "KvRequest" });

export const kvResponseSchema = z
  .union([z.object({ value: z.string().nullable() }), z.object({ keys: z.array(z.string()), more: z.boolean() })])
  .meta({ id: "KvResponse" });

export type KvRequest = z.input<typeof kvRequestSchema>;
export type KvResponse = z.infer<typeof kvResponseSchema>;
