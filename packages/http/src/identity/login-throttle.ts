import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

const WINDOW_SECONDS = 15 * 60;
const MAX_FAILURES_PER_ACCOUNT = 10;
const MAX_FAILURES_PER_ADDRESS = 30;
/** Stands for whoever has no address: the control socket. */
const NO_ADDRESS = "local";
/** Groups of an IPv6 address that one customer of a provider has for itself. */
const IPV6_NETWORK_GROUPS = 4;

export type Attempt = { allowed: true; succeeded(): Promise<void> } | { allowed: false; retryAfterMs: number };

/** Counts failed passwords by account and by address. Kept in memory: a restart forgets them. */
export class LoginThrottle {
  readonly #byAccount = new RateLimiterMemory({ points: MAX_FAILURES_PER_ACCOUNT, duration: WINDOW_SECONDS });
  readonly #byAddress = new RateLimiterMemory({ points: MAX_FAILURES_PER_ADDRESS, duration: WINDOW_SECONDS });

  /**
   * Counts the attempt as failed until `succeeded` is called, so that many at once cannot pass together. `username` is
   * null where a secret is tried that belongs to no account.
   */
  async attempt(username: string | null, address: string | null): Promise<Attempt> {
    const network = networkOf(address);
    const account = username?.normalize("NFKC").toLowerCase() ?? null;
    const refused =
      (await consume(this.#byAddress, network)) ?? (account === null ? null : await consume(this.#byAccount, account));
    if (refused !== null) return { allowed: false, retryAfterMs: refused };
    return {
      allowed: true,
      succeeded: async () => {
        await this.#byAddress.reward(network);
        if (account !== null) await this.#byAccount.reward(account);
      },
    };
  }
}

/** Null where it may go on, else how long to wait. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) return error.msBeforeNext;
    throw error;
  }
}

/** An IPv6 client owns a whole network of addresses; they count as one. */
function networkOf(address: string | null): string {
  if (address === null) return NO_ADDRESS;
  return address.includes(":") ? groupsOf(address).slice(0, IPV6_NETWORK_GROUPS).join(":") : address;
}

/** All eight groups, as one and the same address may leave zeros out at several places. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const split = (text: string) => text.split(":").filter((group) => group !== "");
  const [left, right] = [split(head), split(tail ?? "")];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
