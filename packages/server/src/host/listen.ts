import { access, chmod, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, webSocketHandlers, type WebSocketTunnel } from "@toru/http";
import type { Settings } from "../settings/settings.ts";

type Server = Bun.Server<WebSocketTunnel>;
type Fetch = (request: Request, server: Server) => Answer | Promise<Answer>;

/** The command line talks to the running host here: whoever may open it may manage the host. No plugin id starts with a dot. */
export function controlSocketPath(runDir: string): string {
  return join(runDir, ".control.sock");
}

export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Bodies are read, bounded, by the handlers: Bun's own limit answers without a body. */
const NO_BODY_LIMIT = Number.MAX_SAFE_INTEGER;
/** Ends connections on which nothing happens, in seconds; longer than a plugin may take to answer. */
const IDLE_TIMEOUT_S = 120;
/** The most that Bun takes. */
const MAX_IDLE_TIMEOUT_S = 255;

/** For answers that may take longer than Bun's limit: their own limits govern. */
function withoutIdleLimit(fetch: Fetch): Fetch {
  return (request, server) => {
    server.timeout(request, 0);
    return fetch(request, server);
  };
}

export function listenOnPort({ host, port, requestTimeoutMs }: Settings, fetch: Fetch): Server {
  const answerSeconds = Math.ceil(requestTimeoutMs / 1000) + 5;
  try {
    return Bun.serve({
      hostname: host,
      port,
      fetch: answerSeconds > MAX_IDLE_TIMEOUT_S ? withoutIdleLimit(fetch) : fetch,
      maxRequestBodySize: NO_BODY_LIMIT,
      websocket: webSocketHandlers,
      idleTimeout: Math.min(MAX_IDLE_TIMEOUT_S, Math.max(IDLE_TIMEOUT_S, answerSeconds)),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw new ListenError(`port ${port} on ${host} is taken; choose another with --port or TORU_PORT`, { cause });
    }
    throw new ListenError(`cannot listen on ${host} port ${port}: ${message}`, { cause });
  }
}

/** How often the control socket is looked for, in milliseconds. */
const LOOK_MS = 5_000;

/**
 * Listens on the control socket, and again where the socket or the whole run folder was swept away: `takeFolderAgain` makes that
 * and takes its lock.
 */
export async function keepListeningLocally(
  runDir: string,
  fetch: Fetch,
  takeFolderAgain: () => Promise<void>,
  complain: (message: string) => void,
): Promise<AsyncDisposable> {
  let server = await listenLocally(runDir, fetch);
  const look = async () => {
    const isMissing = await access(controlSocketPath(runDir)).then(
      () => false,
      () => true,
    );
    if (!isMissing) return;
    complain(`the control socket in ${runDir} was removed; it is made again`);
    await takeFolderAgain();
    await server[Symbol.asyncDispose]();
    server = await listenLocally(runDir, fetch);
  };
  const ended = new AbortController();
  const looking = repeat(look, LOOK_MS, ended.signal, complain);
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await looking;
      await server[Symbol.asyncDispose]();
    },
  };
}

async function repeat(
  action: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  complain: (message: string) => void,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, null, { signal, ref: false }).catch(() => null); // aborted
    if (signal.aborted) return;
    await action().catch((error: unknown) => complain(error instanceof Error ? error.message : String(error)));
  }
}

/** Call only while the run folder's lock is held: a socket that is there was left behind. */
async function listenLocally(runDir: string, fetch: Fetch): Promise<AsyncDisposable> {
  const path = controlSocketPath(runDir);
  await unlink(path).catch(ignoreMissing);
  const server = Bun.serve({
    unix: path,
    fetch: withoutIdleLimit(fetch),
    websocket: webSocketHandlers,
    maxRequestBodySize: NO_BODY_LIMIT,
  });
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await unlink(path).catch(ignoreMissing);
    },
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
