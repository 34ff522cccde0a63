import { timingSafeEqual } from "node:crypto";
import { hashSecret, newSecret } from "./secret-token.ts";

/** The one-time link of the first start. It opens only while no account exists: the store decides, not this. */
export interface SetupGate {
  readonly token: string;
  /** In constant time. */
  matches(token: string): boolean;
}

export function createSetupGate(): SetupGate {
  const token = newSecret();
  const expected = Buffer.from(hashSecret(token));
  return { token, matches: (given) => timingSafeEqual(Buffer.from(hashSecret(given)), expected) };
}
