import {
  encodeFrame,
  type ProtocolError,
  toEnvelope,
  toLogMessage,
  isObject,
  v1,
  type Envelope,
  type MessageType,
} from "@toru/protocol";
import { FrameSocket } from "../socket/frame-socket.ts";
import type { ConnectionTurns } from "./connection-turns.ts";
import { ANSWER_TOO_LARGE, type PluginServices } from "./plugin-link.ts";

/**
 * Silence after which the host closes its writing side. Deployed plugins that fail at a request print the error and go
 * back to reading: only the end of file makes them close. One that is still at work may answer all the same.
 */
const SILENCE_BEFORE_HALF_CLOSE_MS = 2_000;

export type ExchangeOutcome =
  | { kind: "reply"; payload: unknown }
  /** The plugin ended the connection without a reply. */
  | { kind: "no-reply"; fault: ProtocolError | null }
  /** The signal was aborted; `sent` tells whether the plugin had taken the connection. */
  | { kind: "aborted"; sent: boolean };

export interface Exchange {
  path: string;
  turns: ConnectionTurns;
  maxFrameBytes: number;
  services: PluginServices;
  /** The one message that this connection carries. */
  frame: Uint8Array;
  type: MessageType;
  requestId: string;
  signal: AbortSignal;
  onDroppedReply: () => void;
}

/** One message of version 1 and its reply, on a connection of its own. */
export async function exchange(task: Exchange): Promise<ExchangeOutcome> {
  const outcome = Promise.withResolvers<ExchangeOutcome>();
  const connection: { socket: FrameSocket | null } = { socket: null };
  const halfClose = () => connection.socket?.endWrites();
  let silence: ReturnType<typeof setTimeout> | undefined;
  const restartSilence = () => {
    clearTimeout(silence);
    silence = setTimeout(halfClose, SILENCE_BEFORE_HALF_CLOSE_MS);
  };
  const onAbort = () => outcome.resolve({ kind: "aborted", sent: true });

  const socket = await task.turns.connect(
    () =>
      FrameSocket.connect(task.path, task.maxFrameBytes, {
        onMessage: (message) => {
          restartSilence();
          const payload = replyIn(message, task, connection.socket);
          if (payload === undefined) return true;
          outcome.resolve({ kind: "reply", payload });
          return false;
        },
        onClose: (fault) => outcome.resolve({ kind: "no-reply", fault }),
        othersAreAsked: () => task.services.othersAreAsked(),
      }),
    task.signal,
  );
  if (socket === null) return { kind: "aborted", sent: false };
  connection.socket = socket;
  try {
    task.signal.addEventListener("abort", onAbort);
    if (task.signal.aborted) onAbort();
    socket.send(task.frame);
    restartSilence();
    return await outcome.promise;
  } finally {
    clearTimeout(silence);
    task.signal.removeEventListener("abort", onAbort);
    socket.close();
  }
}

/** Sends a message that has no reply. False when the signal was aborted before the plugin took the connection. */
export async function tell(
  path: string,
  turns: ConnectionTurns,
  message: Envelope,
  maxFrameBytes: number,
  signal: AbortSignal,
): Promise<boolean> {
  const frame = encodeFrame(message, maxFrameBytes);
  if (frame === null) throw new Error("a lifecycle message does not fit a frame");
  const closed = Promise.withResolvers<void>();
  const onAbort = () => closed.resolve();
  const socket = await turns.connect(
    () =>
      FrameSocket.connect(path, maxFrameBytes, {
        onMessage: () => false,
        onClose: () => closed.resolve(),
        othersAreAsked: () => false,
      }),
    signal,
  );
  if (socket === null) return false;
  signal.addEventListener("abort", onAbort);
  socket.send(frame);
  socket.endWrites();
  if (socket.queuedBytes > 0 && !signal.aborted) await closed.promise;
  signal.removeEventListener("abort", onAbort);
  socket.close();
  return true;
}

/** The payload of the awaited reply. Serves what else the plugin sends before it; undefined for all of that. */
function replyIn(message: Record<string, unknown>, task: Exchange, socket: FrameSocket | null): unknown {
  let envelope: Envelope;
  try {
    envelope = toEnvelope(message);
    if (envelope.type === "log") {
      const full = task.services.log(toLogMessage(envelope.payload));
      if (full !== null) hold(socket, full);
      return undefined;
    }
  } catch (error) {
    task.services.warn(`dropped a message: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const { type, payload } = envelope;
  const input = v1.kvRequestInput(payload);
  const id = envelope.request_id ?? (isObject(payload) ? payload["request_id"] : undefined);
  const asksForKv = type === "kv" && isObject(input) && "action" in input;
  if (asksForKv && (task.type !== "kv" || id !== task.requestId)) {
    if (typeof id === "string") serveKv(id, input, task, socket);
    else task.services.warn("dropped a kv message that has no request_id");
    return undefined;
  }
  if (id === undefined || id === null || id === task.requestId) return payload;
  task.onDroppedReply();
  return undefined;
}

function serveKv(id: string, input: unknown, task: Exchange, socket: FrameSocket | null): void {
  const served = task.services.kv(input).then((result) => {
    const reply = result.ok ? v1.kvReplyMessage(id, result.value) : v1.kvErrorMessage(id, result.error);
    const { maxFrameBytes } = task;
    const frame =
      encodeFrame(reply, maxFrameBytes) ?? encodeFrame(v1.kvErrorMessage(id, ANSWER_TOO_LARGE), maxFrameBytes);
    if (frame !== null) socket?.send(frame);
    return socket?.room();
  });
  hold(socket, served);
}

/** Reads nothing more until what the plugin asked for is done. */
function hold(socket: FrameSocket | null, unfinished: Promise<void>): void {
  socket?.pause();
  void unfinished.finally(() => socket?.resume());
}
