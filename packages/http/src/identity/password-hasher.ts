const ARGON2 = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Hashes at a time: each takes 19 MiB. */
const MAX_AT_ONCE = 2;
/** Callers that may wait for their turn. */
const MAX_WAITING = 32;

/** Of a password that nobody knows: verifying against it costs what a real one costs. */
const DUMMY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$AbrFEFHnhTSlEs2eNOFoMqdi4boTrgrQT9TaNv5g4oI$50E74Hu/BqxwKAsP/C4jjOjnBE5K+AkkpYMyzmTQl+k";

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, ARGON2);
}

/** Hashes passwords, few at a time. `null` where too many wait already. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  hash(password: string): Promise<string | null> {
    return this.#inTurn(() => hashPassword(password));
  }

  /** Without a hash (there is no such account) it takes as long, and is false. */
  verify(password: string, hash: string | null): Promise<boolean | null> {
    return this.#inTurn(async () => (await Bun.password.verify(password, hash ?? DUMMY_HASH)) && hash !== null);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) return null;
      // Who finishes hands its turn over, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
