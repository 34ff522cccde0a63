export type ShortcutAction = "home" | "manager" | "events" | "search" | "sidebar" | "help";

/** Longest time between the two keys of a pair, in milliseconds. */
const PAIR_MS = 1_500;

const SINGLE: Record<string, ShortcutAction> = { "/": "search", "[": "sidebar", "?": "help" };
const AFTER_G: Record<string, ShortcutAction> = { h: "home", p: "manager", e: "events" };

/** Keys of each action, for people to read. */
export const SHORTCUTS: { action: ShortcutAction; keys: string[] }[] = [
  { action: "home", keys: ["g", "h"] },
  { action: "manager", keys: ["g", "p"] },
  { action: "events", keys: ["g", "e"] },
  { action: "search", keys: ["/"] },
  { action: "sidebar", keys: ["["] },
  { action: "help", keys: ["?"] },
];

export interface Pressed {
  action: ShortcutAction | null;
  /** When a first `g` was pressed, for the next key. */
  gAt: number | null;
}

/** What a key means after what was pressed before; times in milliseconds. */
export function pressShortcut(gAt: number | null, key: string, at: number): Pressed {
  if (gAt !== null && at - gAt <= PAIR_MS) {
    const action = AFTER_G[key];
    if (action !== undefined) return { action, gAt: null };
  }
  return key === "g" ? { action: null, gAt: at } : { action: SINGLE[key] ?? null, gAt: null };
}
