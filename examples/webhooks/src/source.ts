import { WebhookError } from "./webhook-error.ts";

/** How a sender proves that a webhook is its own. */
export type SourceKind = "github" | "stripe" | "generic" | "none";
export const SOURCE_KINDS: readonly SourceKind[] = ["github", "stripe", "generic", "none"];

export const ALGORITHMS = ["sha256", "sha512", "sha1"] as const;
export const ENCODINGS = ["hex", "base64"] as const;

/** What an admin may say of a source. The secret is kept apart from it, and never shown again. */
export interface SourceSettings {
  /** Where webhooks of this source come in: `/in/<name>`. */
  name: string;
  kind: SourceKind;
  /** Of kind `generic`: the header with the signature, in lower case. */
  header: string;
  algorithm: (typeof ALGORITHMS)[number];
  encoding: (typeof ENCODINGS)[number];
  /** Of kind `generic`: what stands in front of the signature, like `sha256=`. */
  prefix: string;
  /** The header that names a delivery, by which a second one is recognised; in lower case. */
  idHeader: string;
  /** Of kind `stripe`: how far its timestamp may be from the clock, in seconds. */
  toleranceSeconds: number;
  /** Where "Replay" sends to where no other address is named; empty for none. */
  replayUrl: string;
}

export interface Source extends SourceSettings {
  /** Empty for the kind `none`. */
  secret: string;
  createdAt: string;
}

const DEFAULTS: Omit<SourceSettings, "name" | "kind"> = {
  header: "x-signature",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "",
  idHeader: "x-delivery-id",
  toleranceSeconds: 300,
  replayUrl: "",
};

const HEADER = /^[a-z0-9-]{1,64}$/;

/** Reads what an admin sent, over what is there. Throws a WebhookError that names the field. */
export function readSettings(input: unknown, present: Partial<SourceSettings> = {}): SourceSettings {
  if (typeof input !== "object" || input === null) throw new WebhookError("invalid", "a source is a JSON object");
  const { name, kind, ...rest } = { ...DEFAULTS, ...present, ...(input as Partial<SourceSettings>) };
  const { header, algorithm, encoding, prefix, idHeader, toleranceSeconds, replayUrl } = rest;
  const check = (isRight: boolean, message: string) => {
    if (!isRight) throw new WebhookError("invalid", message);
  };
  check(isMatch(name, /^[a-z0-9][a-z0-9-]{0,63}$/), "name: 1 to 64 lower-case letters, digits and hyphens");
  check(SOURCE_KINDS.includes(kind as SourceKind), `kind: one of ${SOURCE_KINDS.join(", ")}`);
  check(isMatch(header, HEADER), "header: a header's name in lower case, like x-signature");
  check(isMatch(idHeader, HEADER), "idHeader: a header's name in lower case, like x-delivery-id");
  check(ALGORITHMS.includes(algorithm), `algorithm: one of ${ALGORITHMS.join(", ")}`);
  check(ENCODINGS.includes(encoding), `encoding: one of ${ENCODINGS.join(", ")}`);
  check(isMatch(prefix, /^[\x21-\x7e]{0,32}$/), "prefix: at most 32 characters without spaces, like sha256=");
  const isSeconds = Number.isInteger(toleranceSeconds) && toleranceSeconds >= 1 && toleranceSeconds <= 86_400;
  check(isSeconds, "toleranceSeconds: a whole number from 1 to 86400");
  if (replayUrl !== "") readTarget(replayUrl);
  return { name: name as string, kind: kind as SourceKind, ...rest };
}

/** The address of a replay. Throws a WebhookError where it is none that can be sent to. */
export function readTarget(value: unknown): URL {
  const url = typeof value === "string" && value.length <= 2000 && URL.canParse(value) ? new URL(value) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new WebhookError("invalid", "the address of a replay begins with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw new WebhookError("invalid", "the address of a replay must hold no password: it would be shown");
  }
  return url;
}

export type PublicSource = SourceSettings & { createdAt: string; hasSecret: boolean };

/** A source without its secret; where it is replayed to is for admins. */
export function publicSource({ secret, ...settings }: Source, isAdmin: boolean): PublicSource {
  return { ...settings, replayUrl: isAdmin ? settings.replayUrl : "", hasSecret: secret !== "" };
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}
