import { type Delivery, eventOf, keptHeaders } from "./delivery.ts";
import type { DeliveryStore } from "./delivery-store.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import { verify } from "./signature.ts";
import type { Source } from "./source.ts";
import { WebhookError } from "./webhook-error.ts";

export interface Received {
  delivery: Delivery;
  /** Whether the same webhook was here before: then nothing new is stored. */
  isDuplicate: boolean;
}

/** Checks a webhook and stores it. Throws a WebhookError where it is too large or its signature is not right. */
export async function receive(source: Source, request: Request, store: DeliveryStore): Promise<Received> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > MAX_BODY_BYTES) {
    throw new WebhookError("too_large", `a webhook has at most ${MAX_BODY_BYTES} bytes, this one ${body.length}`);
  }
  const nowMs = Date.now();
  const fault = verify(source, request.headers, body, Math.floor(nowMs / 1000));
  if (fault !== null) throw new WebhookError("bad_signature", fault);
  const json = parseObject(body);
  const deliveryId = deliveryIdOf(source, request.headers, json);
  const known = store.findKnown(source.name, deliveryId);
  if (known !== null) {
    const delivery = { ...known, attempts: known.attempts + 1 };
    await store.replace(delivery);
    return { delivery, isDuplicate: true };
  }
  const delivery: Delivery = {
    id: store.nextId(nowMs),
    source: source.name,
    receivedAt: new Date(nowMs).toISOString(),
    method: request.method,
    query: new URL(request.url).search,
    headers: keptHeaders(request.headers),
    bodyBytes: body.length,
    deliveryId,
    event: eventOf(request.headers, json),
    isVerified: source.kind !== "none",
    attempts: 1,
    replays: [],
  };
  await store.add(delivery, body);
  return { delivery, isDuplicate: false };
}

const MAX_DELIVERY_ID_CHARACTERS = 200;

/** GitHub names it in a header, Stripe in the body. */
function deliveryIdOf(source: Source, headers: Headers, json: Record<string, unknown> | null): string | null {
  const inBody = source.kind === "stripe" ? json?.["id"] : null;
  const header = source.kind === "github" ? "x-github-delivery" : source.idHeader;
  const id = typeof inBody === "string" ? inBody : headers.get(header);
  return id === null || id === "" ? null : id.slice(0, MAX_DELIVERY_ID_CHARACTERS);
}

function parseObject(body: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // a form, XML, or nothing
  }
}
