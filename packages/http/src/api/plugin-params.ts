import { z } from "@hono/zod-openapi";
import { problem, type ProblemResponse } from "../problem.ts";
import type { RequestContext } from "./request-context.ts";

/** Any text: an id that no plugin can have is one that none has. */
export const pluginParams = z.object({ id: z.string().meta({ description: "Id of the plugin" }) });

export function noSuchPlugin({ requestId }: RequestContext, id: string): ProblemResponse<"no-such-plugin"> {
  const detail = `No plugin has the id ${JSON.stringify(id.slice(0, 64))}. GET /api/plugins lists those that are there.`;
  return problem("no-such-plugin", { requestId, detail });
}
