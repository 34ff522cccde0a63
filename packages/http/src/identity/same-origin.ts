/** `unknown`: the request says nothing about where it comes from, as programs other than browsers do. */
export type Origin = "same" | "cross" | "unknown";

/**
 * Whether a request comes from a page of the host itself. Browsers send `Origin` with every request that can change
 * something; its host is compared with the `Host` header. The scheme counts only where the host knows its own: behind a
 * proxy that ends TLS the page is https and the request is not.
 */
export function originOf(headers: Headers, secure: boolean): Origin {
  const origin = headers.get("origin");
  if (origin !== null) return isOwnOrigin(origin, headers.get("host"), secure) ? "same" : "cross";
  const site = headers.get("sec-fetch-site");
  if (site === null) return "unknown";
  return site === "same-origin" || site === "none" ? "same" : "cross";
}

function isOwnOrigin(origin: string, host: string | null, secure: boolean): boolean {
  if (host === null || host === "") return false;
  const own = host.toLowerCase();
  const given = origin.toLowerCase();
  return given === `https://${own}` || (!secure && given === `http://${own}`);
}
