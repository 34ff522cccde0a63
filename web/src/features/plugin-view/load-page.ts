import type { Problem } from "@toru/http-api";
import type { PluginPage } from "@toru/page";
import { findPage, forgetPage } from "./find-page.ts";
import { failureOf, type PageFailure } from "./page-failure.ts";
import { runScript, ScriptError } from "./run-script.ts";

export type LoadedPage =
  | { kind: "page"; page: PluginPage }
  | { kind: "missing" }
  | { kind: "failed"; failure: PageFailure };

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
  try {
    forgetPage(id);
    const page = findPage(id, await runScript(url));
    return page === null ? failed({ stage: "form", message: "", details: null }) : { kind: "page", page };
  } catch (error) {
    // What it has registered can fail when it is looked at.
    if (!(error instanceof ScriptError)) return failed(failureOf("script", error));
    if (error.thrown === null) return explain(url);
    const { value, place } = error.thrown;
    const failure = failureOf("script", value);
    return failed({ ...failure, details: [place, failure.details].filter(Boolean).join("\n") });
  }
}

/** A script element does not tell why nothing came: the host's answer does. */
async function explain(url: string): Promise<LoadedPage> {
  try {
    const answer = await fetch(url);
    if (answer.ok) return failed({ stage: "load", message: "", details: null });
    const { type, detail } = (await answer.json()) as Problem;
    if (type.endsWith("/no-bundle")) return { kind: "missing" };
    return failed({ stage: "load", message: detail, details: null });
  } catch (error) {
    return failed(failureOf("load", error));
  }
}

function failed(failure: PageFailure): LoadedPage {
  return { kind: "failed", failure };
}
