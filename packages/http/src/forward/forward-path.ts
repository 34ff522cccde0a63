/** Where a request for a plugin goes. */
export interface ForwardPath {
  /** Segment of the URL that names the route, as it was sent. */
  route: string;
  /** Path and query for the plugin. */
  path: string;
}

const PLUGINS = "/plugins/";
const API = "/api/plugins/route/";

/**
 * Reads the two prefixes of plugin routes; null for any other path. `/plugins/<route>/…` arrives with its route,
 * `/api/plugins/route/<route>/…` without. Nothing is decoded. `start` is where the path begins in the URL.
 */
export function parseForwardPath(url: string, start: number): ForwardPath | null {
  if (url.startsWith(PLUGINS, start)) {
    const routeStart = start + PLUGINS.length;
    const routeEnd = endOfSegment(url, routeStart);
    return { route: url.slice(routeStart, routeEnd), path: url.slice(routeStart - 1) };
  }
  if (!url.startsWith(API, start)) return null;
  const routeStart = start + API.length;
  const routeEnd = endOfSegment(url, routeStart);
  const rest = url.slice(routeEnd);
  return { route: url.slice(routeStart, routeEnd), path: rest.charCodeAt(0) === 0x2f ? rest : `/${rest}` };
}

function endOfSegment(url: string, from: number): number {
  for (let index = from; index < url.length; index += 1) {
    const code = url.charCodeAt(index);
    if (code === 0x2f || code === 0x3f) return index;
  }
  return url.length;
}
