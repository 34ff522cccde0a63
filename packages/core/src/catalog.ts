import type { Manifest } from "./manifest.ts";

/** A file of the plugins folder whose metadata was read. */
export interface Candidate {
  file: string;
  manifest: Manifest;
  /** Its process is up, or about to be: it keeps its id and its route. */
  live: boolean;
  enabled: boolean;
}

export interface Collision {
  file: string;
  id: string;
  reason: string;
}

/** Routes that differ only in case are one route. */
export function routeKey(route: string): string {
  return route.toLowerCase();
}

/**
 * Which files may not be plugins because another one holds their id or route. A live plugin keeps both; otherwise the
 * first by file name wins. Only enabled plugins hold a route.
 */
export function findCollisions(candidates: readonly Candidate[]): Map<string, Collision> {
  const collisions = new Map<string, Collision>();
  const ordered = [...candidates].sort((a, b) => Number(b.live) - Number(a.live) || compare(a.file, b.file));
  const ids = new Map<string, string>();
  const routes = new Map<string, string>();
  for (const { file, manifest, enabled } of ordered) {
    const { id, route } = manifest;
    const collide = (what: string, holder: string) =>
      collisions.set(file, { file, id, reason: `${what} is already used by ${holder}; change one of the two` });
    const idHolder = ids.get(id);
    if (idHolder !== undefined) {
      collide(`id "${id}"`, idHolder);
      continue;
    }
    ids.set(id, file);
    if (!enabled) continue;
    const routeHolder = routes.get(routeKey(route));
    if (routeHolder !== undefined) collide(`route "${route}"`, routeHolder);
    else routes.set(routeKey(route), file);
  }
  return collisions;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
