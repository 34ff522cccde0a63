/**
 * Where `api.navigate` of an isolated page leads: to the plugin's own view and below.
 *
 * @throws TypeError for anywhere else.
 */
export function ownHref(id: string, path: string, origin: string): string {
  const own = `${origin}/view/${encodeURIComponent(id)}`;
  const url = new URL(path, `${own}/`);
  const rest = url.href.startsWith(own) ? url.href.slice(own.length) : null;
  if (rest !== null && /^(?:$|[/?#])/.test(rest)) return url.pathname + url.search + url.hash;
  throw new TypeError(
    `api.navigate: "${path}" is not in the plugin's own view, which is all that an isolated page may open`,
  );
}

/** What of an address in the panel is below the page's own. */
export function addressBelow({ pathname, search }: Pick<URL, "pathname" | "search">): string {
  return pathname.split("/").slice(3).join("/") + search;
}
