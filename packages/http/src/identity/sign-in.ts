import type { Account } from "@toru/core";
import type { RequestContext } from "../api/request-context.ts";
import type { Services } from "../services.ts";
import { sessionIdentity, type Identity } from "./identity.ts";
import { hashSecret, newSecret } from "./secret-token.ts";
import { SESSION_MS, sessionCookie } from "./session-cookie.ts";
import { busy, throttled, withoutAccount, WRONG_CREDENTIALS, type Refused } from "./sign-in-refusals.ts";

/** Name of the account that the one-time link creates. */
export const FIRST_ADMIN = "admin";

export interface SignedIn {
  ok: true;
  identity: Identity;
  /** For `Set-Cookie`. */
  cookie: string;
}

/** A new session for whoever knows the password. An unknown name takes as long as a known one. */
export async function signIn(
  services: Services,
  { request, server, caller }: RequestContext,
  { username, password }: { username: string; password: string },
): Promise<SignedIn | Refused<"wrong-credentials" | "too-many-attempts" | "host-busy">> {
  const attempt = await services.throttle.attempt(username, services.proxies.clientOf(server, request).address);
  if (!attempt.allowed) return throttled(attempt.retryAfterMs);
  const account = await services.accounts.findAccount(username);
  const matches = await services.passwords.verify(password, account?.passwordHash ?? null);
  if (matches === null) return busy();
  if (account === null || !matches) return WRONG_CREDENTIALS;
  await attempt.succeeded();
  await signOut(services, caller);
  return begin(services, account);
}

/** Ends the session that the caller came with, if it was one. */
export async function signOut({ accounts, identities }: Services, caller: Identity | null): Promise<void> {
  const hash = caller?.sessionHash ?? null;
  if (hash === null) return;
  await accounts.deleteSession(hash);
  identities.forget();
}

/** Creates the first admin. The store lets exactly one of many at once succeed. */
export async function setUp(
  services: Services,
  { request, server }: RequestContext,
  { token, password }: { token: string; password: string },
): Promise<SignedIn | Refused<"wrong-setup-token" | "setup-done" | "too-many-attempts" | "host-busy">> {
  const attempt = await services.throttle.attempt(null, services.proxies.clientOf(server, request).address);
  if (!attempt.allowed) return throttled(attempt.retryAfterMs);
  if (!services.setup.matches(token)) {
    const detail =
      "This is not the token that the host printed when it started. Copy the whole link, or start it again.";
    return { ok: false, code: "wrong-setup-token", details: { detail } };
  }
  await attempt.succeeded();
  const done = { ok: false, code: "setup-done", details: { detail: "An account exists already. Sign in." } } as const;
  if ((await services.accounts.countAccounts()) > 0) return done;
  const passwordHash = await services.passwords.hash(password);
  if (passwordHash === null) return busy();
  const createdAt = services.host.clock.now();
  const account = { username: FIRST_ADMIN, role: "admin", passwordHash, createdAt } as const;
  const created = await services.accounts.createFirstAccount(account);
  return created === null ? done : begin(services, created);
}

/** Ends every session of the account; a caller with a session gets a new one. */
export async function changePassword(
  services: Services,
  { request, server }: RequestContext,
  identity: Identity,
  passwords: { current_password: string; new_password: string },
): Promise<
  { ok: true; cookie: string | null } | Refused<"no-account" | "wrong-credentials" | "too-many-attempts" | "host-busy">
> {
  const account = identity.accountId === null ? null : await services.accounts.getAccount(identity.accountId);
  if (account === null) return withoutAccount();
  const attempt = await services.throttle.attempt(account.username, services.proxies.clientOf(server, request).address);
  if (!attempt.allowed) return throttled(attempt.retryAfterMs);
  const matches = await services.passwords.verify(passwords.current_password, account.passwordHash);
  if (matches === null) return busy();
  if (!matches) return WRONG_CREDENTIALS;
  await attempt.succeeded();
  const hash = await services.passwords.hash(passwords.new_password);
  if (hash === null) return busy();
  if (!(await services.accounts.setPassword(account.id, hash))) return withoutAccount();
  services.identities.forget();
  return { ok: true, cookie: identity.via === "session" ? (await begin(services, account)).cookie : null };
}

async function begin({ accounts, host, secure, log }: Services, account: Account): Promise<SignedIn> {
  const secret = newSecret();
  const tokenHash = hashSecret(secret);
  const now = host.clock.now();
  await accounts.createSession({ tokenHash, accountId: account.id, createdAt: now, expiresAt: now + SESSION_MS });
  accounts.deleteExpired(now).catch((error: unknown) => log.complain("expired sessions could not be removed", error));
  return { ok: true, identity: sessionIdentity(account, tokenHash), cookie: sessionCookie(secret, secure) };
}
