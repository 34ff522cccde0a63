import type { Headers as MessageHeaders } from "@toru/protocol";
import { ownBearerToken } from "../identity/bearer-token.ts";
import type { Identity } from "../identity/identity.ts";
import { withoutSessionCookie } from "../identity/session-cookie.ts";
import { isHopByHop, namedByConnection } from "./hop-by-hop.ts";

/** What the host says of a request in headers of its own. */
export interface Provenance {
  identity: Identity;
  requestId: string;
  /** Address of the client; null on a Unix socket. */
  peer: string | null;
  proto: "http" | "https";
}

/**
 * Headers that only the host may set. Underscores count as hyphens: gateways of CGI kind turn both into the same
 * variable, so that `X_Toru_User` would pass for the host's own.
 */
const HOST_ONLY = /^(?:x[-_](?:toru|forwarded)[-_]|x[-_]request[-_]id$|x[-_]real[-_]ip$|forwarded$)/;

const DROPPED: ReadonlySet<string> = new Set(["cookie", "authorization", "expect", "connection"]);

/** The headers that a plugin is sent: without what is the host's own, with who asks. */
export function requestHeaders(headers: Headers, provenance: Provenance): MessageHeaders {
  const sent = Object.create(null) as Record<string, string>; // "__proto__" is a legal header name
  const named = namedByConnection(headers.get("connection"));
  headers.forEach((value, name) => {
    if (DROPPED.has(name) || isHopByHop(name) || named?.has(name) === true) return;
    if (!HOST_ONLY.test(name)) sent[name] = value;
  });
  addCredentials(sent, headers);
  const { identity, requestId, peer, proto } = provenance;
  sent["x-toru-user"] = identity.username;
  // A token that may only read acts as a user, whatever its owner may do.
  sent["x-toru-role"] = identity.scope === "read" ? "user" : identity.role;
  sent["x-request-id"] = requestId;
  sent["x-forwarded-proto"] = proto;
  if (peer !== null) sent["x-forwarded-for"] = peer;
  const host = sent["host"];
  if (host !== undefined) sent["x-forwarded-host"] = host;
  return sent;
}

/** Cookies and `Authorization`, as far as they are not the host's own. */
function addCredentials(sent: Record<string, string>, headers: Headers): void {
  const cookie = headers.get("cookie");
  const others = cookie === null ? null : withoutSessionCookie(cookie);
  if (others !== null) sent["cookie"] = others;
  const authorization = headers.get("authorization");
  if (authorization !== null && ownBearerToken(authorization) === null) sent["authorization"] = authorization;
}
