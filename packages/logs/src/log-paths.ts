import { join } from "node:path";

/** How many rotated files of one log are kept. */
export const DEFAULT_KEEP = 5;
/** What stands for the host where a line must name a plugin. */
export const HOST_NAME = "host";

export interface LogPaths {
  supervisor: string;
  host: string;
  /** The folder of the plugins' logs. */
  plugins: string;
}

export function logPaths(directory: string): LogPaths {
  return {
    supervisor: join(directory, "plugin-supervisor.log"),
    host: join(directory, "host.log"),
    plugins: join(directory, "plugins"),
  };
}

export function pluginLogPath(directory: string, id: string): string {
  return join(logPaths(directory).plugins, `${id}.log`);
}
