const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that are about one connection and end with it (RFC 9110, 7.6.1). Names in lower case. */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name) || name.startsWith("proxy-");
}

/** The further names that a `Connection` header makes hop-by-hop; null where there are none. */
export function namedByConnection(connection: string | null | undefined): ReadonlySet<string> | null {
  if (connection === null || connection === undefined) return null;
  const names = connection
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "keep-alive" && name !== "close");
  return names.length === 0 ? null : new Set(names);
}
