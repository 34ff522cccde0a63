/** The variables of ours that a plugin gets too, as from the host; besides these, all that begin with LC_. */
const PASSED_ON: ReadonlySet<string> = new Set(["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"]);

export const INSTANCE_ID = "exam-00000000-0000-4000-8000-000000000000";

/** What a `--metadata` run sees. */
export function metadataEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { TORU_INSTANCE_ID: INSTANCE_ID, TORU_PROTOCOL: "2" };
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (PASSED_ON.has(name) || name.startsWith("LC_"))) environment[name] = value;
  }
  return environment;
}

export interface PluginPaths {
  socketPath: string;
  logPath: string;
  dataDir: string;
}

/** What the running plugin sees. */
export function pluginEnvironment(id: string, paths: PluginPaths): Record<string, string> {
  return {
    ...metadataEnvironment(),
    TORU_PLUGIN_ID: id,
    TORU_PLUGIN_SOCKET: paths.socketPath,
    TORU_PLUGIN_LOG: paths.logPath,
    TORU_PLUGIN_DATA_DIR: paths.dataDir,
  };
}
