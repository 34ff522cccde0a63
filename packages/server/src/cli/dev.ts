import { resolve } from "node:path";
import { DevSession } from "../authoring/dev-session.ts";
import { answers, OwnHost } from "../authoring/own-host.ts";
import { readProject } from "../authoring/project-file.ts";
import type { Settings } from "../settings/settings.ts";
import { ControlClient } from "./control-client.ts";

/** Exit code of a process that a second Ctrl-C ends. */
const EXIT_INTERRUPTED = 130;

/** Works on the running host, else on one of the project's own that ends with the command. */
export async function dev(path: string, settings: Settings): Promise<void> {
  const folder = resolve(path);
  const project = await readProject(folder);
  const stop = new AbortController();
  const onSignal = () => (stop.signal.aborted ? process.exit(EXIT_INTERRUPTED) : stop.abort());
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const running = new ControlClient(settings.runDir);
  if (await answers(running)) {
    console.log(`Working on the host of ${settings.runDir}.`);
    return new DevSession({ folder, project, client: running, signal: stop.signal }).run();
  }
  await using host = await OwnHost.start(folder, String(settings.port));
  await new DevSession({ folder, project, client: host.client, signal: stop.signal }).run();
}
