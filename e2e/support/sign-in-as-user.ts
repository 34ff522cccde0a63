import type { BrowserContext } from "@playwright/test";
import { ADMIN_PASSWORD, type PanelHost } from "./panel-host.ts";
import { signIn } from "./test.ts";

/** Creates a person who is no admin and signs them in. From then on `host.fetch` asks as them too. */
export async function signInAsUser(host: PanelHost, context: BrowserContext): Promise<void> {
  const credentials = { username: "eva", password: ADMIN_PASSWORD };
  const created = await host.post("/api/users", { ...credentials, role: "user" });
  if (!created.ok) throw new Error(`no user was created: ${created.status} ${await created.text()}`);
  const response = await host.post("/api/auth/login", credentials);
  host.cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  await signIn(context, host);
}
