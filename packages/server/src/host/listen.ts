import { chmod, unlink } from "node:fs/promises";
import { join } from "node:path";
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

/** Call only while the run folder's lock is held: a socket that is there was left behind. */
export async function listenLocally(runDir: string, fetch: Fetch): Promise<AsyncDisposable> {
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
