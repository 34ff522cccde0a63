import { createdTokenSchema } from "@toru/http-api";
import { CliError } from "./cli-error.ts";
import type { ControlClient } from "./control-client.ts";
import type { Options } from "./program.ts";

/** The token alone goes to standard output, so that a script can take it; the rest to standard error. */
export async function createToken(client: ControlClient, options: Options): Promise<void> {
  const days = options["expiresInDays"];
  if (days !== "never" && !/^\d+$/.test(String(days))) {
    throw new CliError(`--expires-in-days takes a number of days or never, not ${JSON.stringify(days)}`);
  }
  const body = {
    name: options["name"],
    scope: options["scope"],
    expires_in_days: days === "never" ? null : Number(days),
  };
  const created = createdTokenSchema.parse(await client.json("POST", "/api/tokens", body));
  console.log(created.token);
  console.error(`Shown this once. Scope: ${created.scope}. Ends: ${created.expires_at ?? "never"}.`);
  console.error("Use it as: Authorization: Bearer TOKEN");
}
