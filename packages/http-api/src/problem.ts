import { z } from "zod";

/** RFC 9457, `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`/problems/<code>`; docs/errors.md lists the codes" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What, why, and what to do next" }),
    plugin: z.string().optional(),
    request_id: z.string().optional(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "Each field that was wrong" }),
  })
  .meta({ id: "Problem" });

export type Problem = z.infer<typeof problemSchema>;
