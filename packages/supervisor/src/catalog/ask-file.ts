import { join } from "node:path";
import type { Confiner } from "../confine/confiner.ts";
import type { PluginFile } from "../folder/plugin-file.ts";
import { readMetadata } from "../folder/read-metadata.ts";
import type { SupervisorOptions } from "../options.ts";
import { metadataEnvironment } from "../process/environment.ts";
import type { CatalogOptions } from "./plugin-catalog.ts";

/** Asks files for their metadata, confined as the settings of the plugin say that each is named after. */
export function fileAsker(
  { instanceId, timings, dataDir }: SupervisorOptions,
  confiner: Confiner,
): CatalogOptions["readMetadata"] {
  return async ({ path }: PluginFile, onSpawn) => {
    const { prefix, owner } = await confiner.forMetadata(path);
    return readMetadata({
      path,
      prefix,
      cwd: join(dataDir, "plugins"),
      env: metadataEnvironment(process.env, instanceId, owner !== null),
      timeoutMs: timings.metadataTimeoutMs,
      onSpawn,
    });
  };
}
