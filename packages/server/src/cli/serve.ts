import { startHost } from "../host/start-host.ts";
import type { Settings } from "../settings/settings.ts";

/** Exit code of a process that a second Ctrl-C ends. */
const EXIT_INTERRUPTED = 130;

/** Runs the host until SIGTERM or SIGINT; the second signal does not wait for the plugins. */
export async function serve(settings: Settings): Promise<void> {
  const asked = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    if (signals > 1) process.exit(EXIT_INTERRUPTED); // the kernel kills the plugins with us
    asked.resolve();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  // A fault in one corner must not take the plugins down with the host.
  const survive = (error: unknown) => console.error("A fault that nothing handled; the host goes on:", error);
  process.on("unhandledRejection", survive);
  process.on("uncaughtException", survive);
  const host = await startHost(settings);
  for (const notice of settings.notices) console.log(`Note: ${notice}.`);
  console.log(`Toru listens on ${host.url}`);
  console.log(`Plugins: ${settings.pluginsDir}`);
  console.log(`Logs:    ${settings.logDir}`);
  if (host.setupUrl !== null) {
    console.log(`\nNo account exists yet. Open this link once to create the admin:\n  ${host.setupUrl}\n`);
  }
  await asked.promise;
  console.log("Stopping the plugins …");
  await host.close();
  console.log("Stopped.");
}
