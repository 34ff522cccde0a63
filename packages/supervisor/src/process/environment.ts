import type { GivenPaths } from "../folder/plugin-paths.ts";

/** The variables of the host that a plugin gets too. Everything else may hold a secret of the host. */
const PASSED_ON: ReadonlySet<string> = new Set(["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"]);

export const INSTANCE_ID_VARIABLE = "TORU_INSTANCE_ID";
export const PLUGIN_ID_VARIABLE = "TORU_PLUGIN_ID";

const HIGHEST_PROTOCOL = "2";

/** What a `--metadata` run sees: no socket, for it is not asked to serve. */
export function metadataEnvironment(
  host: NodeJS.ProcessEnv,
  instanceId: string,
  hasOwnUser: boolean,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && (PASSED_ON.has(name) || name.startsWith("LC_"))) environment[name] = value;
  }
  if (hasOwnUser) {
    delete environment["USER"];
    environment["HOME"] = "/";
  }
  return { ...environment, [INSTANCE_ID_VARIABLE]: instanceId, TORU_PROTOCOL: HIGHEST_PROTOCOL };
}

export function pluginEnvironment(
  host: NodeJS.ProcessEnv,
  instanceId: string,
  pluginId: string,
  paths: GivenPaths,
  hasOwnUser: boolean,
): Record<string, string> {
  return {
    ...metadataEnvironment(host, instanceId, hasOwnUser),
    ...(hasOwnUser ? { HOME: paths.dataDir } : {}),
    [PLUGIN_ID_VARIABLE]: pluginId,
    TORU_PLUGIN_SOCKET: paths.socketPath,
    TORU_PLUGIN_LOG: paths.logPath,
    TORU_PLUGIN_DATA_DIR: paths.dataDir,
  };
}
