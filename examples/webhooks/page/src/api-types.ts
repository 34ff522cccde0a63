/** What the plugin answers, as far as the page reads it. */
import type { Delivery } from "../../src/delivery.ts";
import type { PublicSource } from "../../src/source.ts";

export interface SourceView extends PublicSource {
  refused: { count: number; last: { at: string; reason: string } } | null;
}

export interface SourcesAnswer {
  sources: SourceView[];
}

export interface DeliveriesAnswer {
  deliveries: Delivery[];
  total: number;
  next: string | null;
}

export interface DeliveryAnswer {
  delivery: Delivery;
  body: string;
  encoding: "text" | "base64";
}
