import type { PluginPage } from "@toru/page";
import { findPage, forgetPage } from "./find-page.ts";
import { failureOf, type PageFailure } from "./page-failure.ts";
import { runScript, ScriptError } from "./run-script.ts";

export type RunPage = { kind: "page"; page: PluginPage } | { kind: "failed"; failure: PageFailure };

/** Runs the script and finds the page that it makes. Null where the browser got no script. */
export async function runPage(id: string, url: string): Promise<RunPage | null> {
  try {
    forgetPage(id);
    const page = findPage(id, await runScript(url));
    if (page !== null) return { kind: "page", page };
    return { kind: "failed", failure: { stage: "form", message: "", details: null } };
  } catch (error) {
    // What it has registered can fail when it is looked at.
    if (!(error instanceof ScriptError)) return { kind: "failed", failure: failureOf("script", error) };
    if (error.thrown === null) return null;
    const { value, place } = error.thrown;
    const failure = failureOf("script", value);
    return { kind: "failed", failure: { ...failure, details: [place, failure.details].filter(Boolean).join("\n") } };
  }
}
