/** Who asks. The host adds both headers to every request, and no client can forge them. */
export interface PluginUser {
  name: string;
  /** Only an `admin` may change how the server works; that is for the plugin to check. */
  role: "admin" | "user";
}

/** Who sent the request; null where no person did: the host itself, which asks for the page. */
export function userOf(request: Request): PluginUser | null {
  const name = request.headers.get("x-toru-user");
  if (name === null) return null;
  return { name, role: request.headers.get("x-toru-role") === "admin" ? "admin" : "user" };
}
