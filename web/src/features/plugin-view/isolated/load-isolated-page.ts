import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { bundlePath, explain, failed, type LoadedPage } from "../load-page.ts";
import { failureOf, type PageFault } from "../page-failure.ts";
import { isolatedPage } from "./isolated-page.ts";

/** The page of a plugin that wants a frame of its own: the script is fetched as text, and runs in there alone. */
export async function loadIsolatedPage(
  plugin: InstalledPlugin,
  onFailure: (fault: PageFault) => void,
): Promise<LoadedPage> {
  try {
    const answer = await fetch(`${bundlePath(plugin.id)}?${new URLSearchParams({ revision: plugin.revision })}`);
    if (!answer.ok) return await explain(answer);
    return { kind: "page", page: isolatedPage({ plugin, script: await answer.text(), onFailure }) };
  } catch (error) {
    return failed(failureOf("unreached", error));
  }
}
