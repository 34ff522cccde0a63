import type { ServerPort } from "./http-options.ts";

const MAPPED_IPV4 = "::ffff:";

/** The address at the other end of the connection; null on a Unix socket. */
export function peerAddress(server: ServerPort, request: Request): string | null {
  const address = server.requestIP(request)?.address ?? "";
  if (address === "") return null;
  return address.startsWith(MAPPED_IPV4) && address.includes(".") ? address.slice(MAPPED_IPV4.length) : address;
}
