import { hostname } from "node:os";
import type { Clock } from "@toru/core";
import { createHttpHandler, createSetupGate, isHostName, type HttpHandler } from "@toru/http";
import { openLogStore } from "@toru/logs";
import { openStorage } from "@toru/storage";
import { claimFolders, DEFAULT_TIMINGS, ResourceSampler, Supervisor } from "@toru/supervisor";
import { createPanel } from "../panel/create-panel.ts";
import type { Settings } from "../settings/settings.ts";
import { version } from "../version.ts";
import { createAdmin } from "./create-admin.ts";
import { keepListeningLocally, listenOnPort } from "./listen.ts";

/** Requests that are still being answered when the plugins have ended get this long, in milliseconds. */
const LAST_ANSWERS_MS = 1_000;

export interface RunningHost {
  /** With the port that was taken. */
  url: string;
  /** Creates the first admin; null where one exists. */
  setupUrl: string | null;
  /** Stops the plugins, then everything else, in order. Repeated calls wait for the first. */
  close(): Promise<void>;
}

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Puts the host together and starts it. Where a part fails, what was started before it is closed again. */
export async function startHost(settings: Settings): Promise<RunningHost> {
  const startedAt = clock.monotonic();
  await using parts = new AsyncDisposableStack();
  const folders = await claimFolders(settings.dataDir, settings.runDir);
  parts.defer(() => folders[Symbol.dispose]());
  const logs = await openLogStore({ directory: settings.logDir });
  parts.defer(() => logs.close());
  const storage = await openStorage(settings.databaseUrl);
  parts.defer(() => storage.close());

  let handler: HttpHandler | null = null;
  const port = listenOnPort(settings, (request, server) => handler?.fetch(request, server) ?? starting());
  parts.defer(() => port.stop(true));
  const local = await keepListeningLocally(
    settings.runDir,
    (request, server) => handler?.local(request, server) ?? starting(),
    () => folders.takeRunFolderAgain(),
    (message) => void logs.host.write({ level: "warn", message }),
  );
  parts.defer(() => local[Symbol.asyncDispose]());

  const supervisor = await Supervisor.start({
    pluginsDir: settings.pluginsDir,
    dataDir: settings.dataDir,
    runDir: settings.runDir,
    instanceId: folders.instanceId,
    maxFrameBytes: settings.maxFrameBytes,
    policy: settings,
    timings: {
      ...DEFAULT_TIMINGS,
      healthIntervalMs: settings.healthIntervalMs,
      requestTimeoutMs: settings.requestTimeoutMs,
      startTimeoutMs: settings.startTimeoutMs,
      shutdownGraceMs: settings.stopGraceMs,
    },
    kv: storage.kv,
    events: storage.events,
    logs,
    clock,
    alert: (message) => console.error(`Warning: ${message}.`),
  });
  const closing = new AbortController();
  parts.defer(async () => {
    closing.abort();
    const answered = port.stop(); // takes no new connection from here on
    await supervisor.close();
    await Promise.race([answered, Bun.sleep(LAST_ANSWERS_MS)]);
  });

  const resources = new ResourceSampler({
    dataDir: settings.dataDir,
    clock,
    plugins: supervisor,
    complain: (message) => void logs.host.write({ level: "warn", message }),
  });
  parts.defer(() => resources[Symbol.dispose]());

  const setup = createSetupGate();
  const isNew = await createAdmin(storage.accounts, settings.adminPassword, clock);
  const url = `http://${urlHost(settings.host)}:${port.port}`;
  handler = createHttpHandler({
    plugins: supervisor,
    kv: storage.kv,
    events: storage.events,
    accounts: storage.accounts,
    logs,
    resources,
    host: { version, instanceId: folders.instanceId, url, pluginsDir: settings.pluginsDir, startedAt, clock },
    storage,
    limits: {
      maxFrameBytes: settings.maxFrameBytes,
      maxBodyBytes: settings.maxBodyBytes,
      crashLimit: settings.crashLimit,
    },
    secureCookies: settings.httpsOnly,
    allowedHosts: [...settings.allowedHosts, ...ownNames()],
    trustedProxies: settings.trustedProxies,
    closing: closing.signal,
    setup,
    panel: await createPanel(),
  });
  return {
    url,
    setupUrl: isNew ? `${outsideUrl(settings, url)}/setup?token=${setup.token}` : null,
    close: once(parts.move()),
  };
}

function once(parts: AsyncDisposableStack): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => (closed ??= parts.disposeAsync());
}

function starting(): Response {
  const body = { type: "about:blank", title: "Service Unavailable", status: 503, detail: "The host is starting." };
  return Response.json(body, {
    status: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "1" },
  });
}

/** Where browsers reach the host: over https it is not where it listens. */
function outsideUrl({ httpsOnly, allowedHosts }: Settings, url: string): string {
  const name = allowedHosts.find((host) => !host.startsWith("*."));
  return httpsOnly && name !== undefined ? `https://${name}` : url;
}

/** Names of the machine, in its network. */
function ownNames(): string[] {
  const name = hostname();
  return isHostName(name) ? [name, `${name}.local`] : [];
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
