export interface SignInSearch {
  /** A path of the panel, where the sign-in leads to. */
  next?: string | undefined;
  /** Somebody was signed in and is no more, without having asked for it here. */
  ended?: "1" | undefined;
}

/** Says `undefined` of what is not taken: a key that is left out would keep what the address says. */
export function parseSignInSearch(search: Record<string, unknown>): SignInSearch {
  const { next, ended } = search;
  return {
    next: typeof next === "string" && isOwnPath(next) ? next : undefined,
    ended: ended === "1" ? "1" : undefined,
  };
}

/** Stands for the panel's own address. */
const SELF = "http://panel.invalid";

/** Whether the browser takes it for a page of the panel: it passes over tabs, and reads \ as /. */
function isOwnPath(path: string): boolean {
  if (!path.startsWith("/") || !URL.canParse(path, SELF)) return false;
  const { origin, pathname } = new URL(path, SELF);
  return origin === SELF && !pathname.startsWith("//");
}
