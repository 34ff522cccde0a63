import type { KvOperation } from "@toru/protocol";

/** What is measured, in this order: the first writes what the others meet, the last takes it away. */
export const KINDS = ["set", "get", "list", "mixed", "delete"] as const;
export type Kind = (typeof KINDS)[number];

/** Keys of one namespace. */
const KEYS = 10_000;
/** Prime to KEYS, so that what follows each other in time lies apart in the tree. */
const STRIDE = 7_919;
const VALUE = "v".repeat(100);
const LISTED = 100;
/** Of twenty mixed operations in a row, the rest are sets. */
const MIXED_GETS = 14;
const MIXED_LIST = 18;
const MIXED_DELETE = 19;

/** The operation number `index` of a kind: the same for every way of asking. */
export function operation(kind: Kind, index: number): KvOperation {
  const key = `key-${String((index * STRIDE) % KEYS).padStart(8, "0")}`;
  switch (kind) {
    case "set":
      return { action: "set", key, value: VALUE };
    case "get":
    case "delete":
      return { action: kind, key };
    case "list":
      return { action: "list", prefix: "key-", after: key, limit: LISTED };
    case "mixed":
      return operation(mixedKind(index % 20), index);
  }
}

function mixedKind(place: number): Kind {
  if (place < MIXED_GETS) return "get";
  if (place === MIXED_LIST) return "list";
  return place === MIXED_DELETE ? "delete" : "set";
}
