const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** What API tokens begin with, so that secret scanners and the host know one when they see it. */
export const API_TOKEN_PREFIX = "toru_";

export function newSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))).toString("base64url");
}

/** Whether it can be a secret at all: spares the store questions about anything else. */
export function isSecret(text: string): boolean {
  return TOKEN.test(text);
}

/** What is stored. A plain hash is enough: nobody guesses 32 random bytes. */
export function hashSecret(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
