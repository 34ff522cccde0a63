import type { PluginPaths } from "@toru/core";
import { join } from "node:path";
import type { SupervisorOptions } from "../options.ts";
import { socketPath } from "../socket/socket-path.ts";

/** Where what the host gives to a plugin lies. Absolute. */
export interface GivenPaths {
  socketPath: string;
  logPath: string;
  dataDir: string;
}

/** Of an id that is one: the log store throws for another. */
export function givenPaths(
  options: Pick<SupervisorOptions, "dataDir" | "runDir" | "logs">,
  id: string,
  hasOwnUser: boolean,
): GivenPaths {
  return {
    socketPath: socketPath(options.runDir, id, hasOwnUser),
    logPath: options.logs.plugin(id).path,
    dataDir: join(options.dataDir, "plugins", id),
  };
}

/** As people are told them. */
export function pluginPaths(
  { logPath: log, dataDir: data, socketPath: socket }: GivenPaths,
  file: string,
): PluginPaths {
  return { file, log, data, socket };
}
