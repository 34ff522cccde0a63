import type { PluginUser } from "../http/user.ts";

/** Like the browser's `fetch`, with who asks. */
export interface TestRequestInit extends RequestInit {
  /** The admin `admin` where nobody is named; null for a request that no person sends. */
  user?: PluginUser | null;
}

const ADMIN: PluginUser = { name: "admin", role: "admin" };

/** A request as the host would send it on: with the headers that say who asks. `path` is relative to the plugin. */
export function testRequest(path: string, { user = ADMIN, ...init }: TestRequestInit = {}): Request {
  if (!path.startsWith("/")) throw new TypeError(`a path starts with "/", unlike ${JSON.stringify(path)}`);
  const request = new Request(`http://panel.example${path}`, init);
  request.headers.set("host", "panel.example");
  if (user === null) return request;
  request.headers.set("x-toru-user", user.name);
  request.headers.set("x-toru-role", user.role);
  return request;
}
