import { isIP } from "node:net";

/** A host name, or all names below one: `panel.example.org`, `*.example.org`. */
const HOST_NAME =
  /^(?:\*\.)?(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** Names that no resolver of a stranger's answers for. */
const OWN_NAMES: readonly string[] = ["localhost", "*.localhost"];

/**
 * The names by which browsers may call the host. Any other is one that a stranger may have pointed here (DNS rebinding),
 * whose page would then count as the panel's own. IP addresses cannot be pointed anywhere.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  readonly #parents: readonly string[];
  /** Requests come by few names: the last one that was allowed is not looked at again. */
  #last = "";

  constructor(names: readonly string[]) {
    const all = [...OWN_NAMES, ...names].map((name) => name.toLowerCase());
    this.#names = new Set(all.filter((name) => !name.startsWith("*.")));
    this.#parents = all.filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  }

  /** Of a `Host` header. Without one there is no browser. */
  allows(host: string | null): boolean {
    if (host === null || host === "" || host === this.#last) return true;
    const name = nameIn(host);
    const isAllowed =
      isIP(name) !== 0 ||
      this.#names.has(name) ||
      (isHostName(name) && this.#parents.some((parent) => name.endsWith(parent)));
    if (isAllowed) this.#last = host;
    return isAllowed;
  }
}

/** Whether a setting may name it. */
export function isHostName(text: string): boolean {
  return HOST_NAME.test(text);
}

/** Without the port, the brackets of an IPv6 address and the dot at the end; in lower case. */
export function nameIn(host: string): string {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.replace(/:\d*$/, "");
  return name.replace(/\.$/, "").toLowerCase();
}
