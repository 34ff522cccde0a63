import type { Problem } from "@toru/http-api";
import { failureOf, type PageFailure } from "./page-failure.ts";
import { type RunPage, runPage } from "./run-page.ts";

export type LoadedPage = RunPage | { kind: "missing" };

interface Bundle {
  revision: string;
  /** How often a script of this plugin was asked for before. */
  tries: number;
  hasFailed: boolean;
  loading: Promise<LoadedPage>;
}

/** By the plugin's id: only the newest of each. */
const bundles = new Map<string, Bundle>();

export function bundlePath(id: string): string {
  return `/api/plugins/${encodeURIComponent(id)}/bundle.js`;
}

/**
 * The page of a plugin. Its script runs once for each revision, however often the page is opened; again where it failed,
 * and where `again` asks for it.
 */
export function loadPage(id: string, revision: string, { again = false } = {}): Promise<LoadedPage> {
  const known = bundles.get(id);
  if (known?.revision === revision && !known.hasFailed && !again) return known.loading;
  const tries = known === undefined ? 0 : known.tries + 1;
  const bundle: Bundle = { revision, tries, hasFailed: false, loading: load(id, revision, tries) };
  bundles.set(id, bundle);
  bundle.loading = bundle.loading.then((loaded) => {
    bundle.hasFailed = loaded.kind !== "page";
    return loaded;
  });
  return bundle.loading;
}

async function load(id: string, revision: string, tries: number): Promise<LoadedPage> {
  const query = new URLSearchParams({ revision, ...(tries > 0 && { try: String(tries) }) });
  const url = `${bundlePath(id)}?${query}`;
  const loaded = await runPage(id, url);
  if (loaded !== null) return loaded;
  try {
    // A script element does not tell why nothing came: the host's answer does.
    return await explain(await fetch(url));
  } catch (error) {
    return failed(failureOf("unreached", error));
  }
}

/** Why an answer of the host holds no script. */
export async function explain(answer: Response): Promise<LoadedPage> {
  if (answer.ok) return failed({ stage: "load", message: "", details: null });
  const { type, detail } = (await answer.json()) as Problem;
  if (type.endsWith("/no-bundle")) return { kind: "missing" };
  return failed({ stage: "load", message: detail, details: null });
}

export function failed(failure: PageFailure): LoadedPage {
  return { kind: "failed", failure };
}
