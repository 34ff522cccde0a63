import { definePlugin, log, type PluginContext, type RequestContext } from "@toru/plugin";
import { join } from "node:path";
import { createApp } from "./create-app.ts";
import { DeliveryStore } from "./delivery-store.ts";
import { STORE_LIMITS } from "./limits.ts";
import { SourceStore } from "./source-store.ts";

/** How often what has become too old is looked for, in milliseconds. */
const PRUNE_INTERVAL_MS = 60 * 60 * 1000;

let app: ReturnType<typeof createApp> | null = null;

export default definePlugin({
  id: "webhooks",
  name: "Webhooks",
  version: "1.0.0",
  icon: "webhook",
  route: "/webhooks",
  author: "Toru contributors",
  license: "MIT",
  description: "Receives webhooks, checks their signatures, keeps them, finds them and sends them again.",
  async init({ dataDir, signal }: PluginContext) {
    const [sources, deliveries] = await Promise.all([
      SourceStore.open(dataDir),
      DeliveryStore.open(join(dataDir, "deliveries"), STORE_LIMITS),
    ]);
    const prune = () => {
      deliveries.prune(Date.now()).catch((error: unknown) => log.warn("old webhooks cannot be removed", { error }));
    };
    prune();
    const timer = setInterval(prune, PRUNE_INTERVAL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    app = createApp({ sources, deliveries });
  },
  fetch(request: Request, context: RequestContext) {
    if (app === null) throw new Error("init has not run");
    return app.fetch(request, context);
  },
});
