import type { AccountStore, Clock } from "@toru/core";
import { ownBearerToken } from "./bearer-token.ts";
import type { Access } from "./access.ts";
import { AccessWatch, type Watch } from "./access-watch.ts";
import { IdentityCache } from "./identity-cache.ts";
import { sessionIdentity, tokenIdentity, type Identity } from "./identity.ts";
import { API_TOKEN_PREFIX, hashSecret, isSecret } from "./secret-token.ts";
import { readCookie } from "./session-cookie.ts";

/** `last_used_at` of a token is no more precise than this. */
const TOUCH_INTERVAL_MS = 60_000;

/** What is open ends within 5 s of its session: this, and the time to look it up. */
const DEFAULT_RECHECK_MS = 4_000;

export interface IdentityResolverOptions {
  accounts: AccountStore;
  clock: Clock;
  cookieName: string;
  /** How often what is open is checked. */
  recheckMs?: number | undefined;
  /** Told where the last use of a token could not be stored, or a check failed. */
  complain: (message: string, error: unknown) => void;
}

/** Finds out who sent a request, by its API token or else its session cookie. */
export class IdentityResolver {
  readonly #options: IdentityResolverOptions;
  readonly #cache: IdentityCache;
  readonly #watch: AccessWatch;

  constructor(options: IdentityResolverOptions) {
    this.#options = options;
    this.#cache = new IdentityCache(() => options.clock.monotonic());
    this.#watch = new AccessWatch({
      lookUp: (credential) => this.#lookUp(credential),
      intervalMs: options.recheckMs ?? DEFAULT_RECHECK_MS,
      complain: options.complain,
    });
  }

  /** Answers at once where the same credential was looked up a moment ago: this is on the path of every request. */
  resolve(headers: Headers): Identity | null | Promise<Identity | null> {
    const credential = this.#credential(headers);
    if (credential === null) return null;
    return this.#cache.get(credential) ?? this.#lookUp(credential);
  }

  /**
   * Tells when the session or token of this request is over, or its account has no such access any more. Whoever came by
   * the control socket is never signed out.
   */
  watch(headers: Headers, access: Exclude<Access, "open">): Watch {
    const credential = this.#credential(headers);
    return (end) => (credential === null ? () => {} : this.#watch.watch(credential, access, end));
  }

  /** Call after a session, token or account was ended or changed. */
  forget(): void {
    this.#cache.clear();
    void this.#watch.check();
  }

  /** A token of ours counts even where it is wrong: nobody who names one is judged by a cookie. */
  #credential(headers: Headers): string | null {
    const authorization = headers.get("authorization");
    const token = authorization === null ? null : ownBearerToken(authorization);
    if (token !== null) return token;
    const cookies = headers.get("cookie");
    return cookies === null ? null : readCookie(cookies, this.#options.cookieName);
  }

  async #lookUp(credential: string): Promise<Identity | null> {
    const { generation } = this.#cache;
    const isToken = credential.startsWith(API_TOKEN_PREFIX);
    if (!isSecret(isToken ? credential.slice(API_TOKEN_PREFIX.length) : credential)) return null;
    const identity = await (isToken ? this.#byToken(credential) : this.#bySession(credential));
    if (identity !== null) this.#cache.set(credential, identity, generation);
    return identity;
  }

  async #bySession(secret: string): Promise<Identity | null> {
    const hash = hashSecret(secret);
    const found = await this.#options.accounts.findSession(hash, this.#options.clock.now());
    return found === null ? null : sessionIdentity(found.account, hash);
  }

  async #byToken(secret: string): Promise<Identity | null> {
    const { accounts, clock, complain } = this.#options;
    const now = clock.now();
    const found = await accounts.findToken(hashSecret(secret), now);
    if (found === null) return null;
    const { token, account } = found;
    if (token.lastUsedAt === null || now - token.lastUsedAt >= TOUCH_INTERVAL_MS) {
      accounts.touchToken(token.id, now).catch((error: unknown) => {
        complain("the last use of an API token could not be stored", error);
      });
    }
    return tokenIdentity(account, token.scope);
  }
}
