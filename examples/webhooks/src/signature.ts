import { createHmac, timingSafeEqual } from "node:crypto";
import type { Source } from "./source.ts";

/** Null where the webhook is its sender's own, else why it is not taken for that. No reason holds a signature. */
export type Verdict = string | null;

type Signer = Pick<Source, "kind" | "header" | "algorithm" | "encoding" | "prefix" | "toleranceSeconds" | "secret">;

/** Compares in constant time. `nowSeconds` is the time of the epoch. */
export function verify(source: Signer, headers: Headers, body: Uint8Array, nowSeconds: number): Verdict {
  switch (source.kind) {
    case "none":
      return null;
    case "stripe":
      return verifyStripe(source, headers.get("stripe-signature"), body, nowSeconds);
    case "github":
      return verifyPlain({ ...source, ...GITHUB }, headers, body);
    case "generic":
      return verifyPlain(source, headers, body);
  }
}

/** The headers by which a sender of this kind would sign now. */
export function sign(source: Signer, body: Uint8Array, nowSeconds: number): Record<string, string> {
  switch (source.kind) {
    case "none":
      return {};
    case "stripe": {
      const time = String(nowSeconds);
      return { "stripe-signature": `t=${time},v1=${stripeDigest(source, time, body).toString("hex")}` };
    }
    case "github":
      return signPlain({ ...source, ...GITHUB }, body);
    case "generic":
      return signPlain(source, body);
  }
}

const GITHUB = { header: "x-hub-signature-256", algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;

function verifyPlain(source: Signer, headers: Headers, body: Uint8Array): Verdict {
  const given = headers.get(source.header);
  if (given === null) return `the header ${source.header} is missing`;
  if (!given.startsWith(source.prefix)) return `the header ${source.header} does not start with ${source.prefix}`;
  const digest = createHmac(source.algorithm, source.secret).update(body).digest();
  const isSame = isEqual(Buffer.from(given.slice(source.prefix.length), source.encoding), digest);
  return isSame ? null : "the signature is not that of the body under this secret";
}

function signPlain({ header, algorithm, encoding, prefix, secret }: Signer, body: Uint8Array): Record<string, string> {
  return { [header]: prefix + createHmac(algorithm, secret).update(body).digest(encoding) };
}

/** `t=<seconds>,v1=<hex>`, with several v1 while a secret is replaced. The signed text is `<seconds>.<body>`. */
function verifyStripe(source: Signer, given: string | null, body: Uint8Array, nowSeconds: number): Verdict {
  if (given === null) return "the header stripe-signature is missing";
  const parts = given.split(",").map((part) => part.trim().split("=", 2));
  const time = parts.find(([name]) => name === "t")?.[1] ?? "";
  if (!/^\d{1,12}$/.test(time)) return "the header stripe-signature has no timestamp";
  if (Math.abs(nowSeconds - Number(time)) > source.toleranceSeconds) {
    return `its timestamp is more than ${source.toleranceSeconds} s from this server's clock`;
  }
  const digest = stripeDigest(source, time, body);
  const signatures = parts.filter(([name]) => name === "v1").map(([, value = ""]) => Buffer.from(value, "hex"));
  // All are compared, so that the time does not tell which one was right.
  const isSame = signatures.filter((signature) => isEqual(signature, digest)).length > 0;
  return isSame ? null : "no signature is that of the body under this secret";
}

function stripeDigest({ secret }: Signer, time: string, body: Uint8Array): Buffer {
  return createHmac("sha256", secret).update(`${time}.`).update(body).digest();
}

function isEqual(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
