import { API_TOKEN_PREFIX } from "./secret-token.ts";

const BEARER = /^bearer +(\S+) *$/i;

/** The host's own token of an `Authorization` header. Any other is the plugin's business: null. */
export function ownBearerToken(authorization: string): string | null {
  const token = BEARER.exec(authorization)?.[1];
  return token !== undefined && token.startsWith(API_TOKEN_PREFIX) ? token : null;
}
