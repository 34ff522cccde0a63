import { CodecError, FrameReader } from "../codec/frame.ts";
import { encodeMessage, isObject, parseMessage, type JsonObject, type Message } from "../codec/message.ts";
import type { ByteSocket } from "./byte-socket.ts";
import { show, type Transcript } from "./transcript.ts";

export interface V1Message {
  type: "lifecycle" | "http" | "kv";
  timestamp: string;
  request_id?: string;
  payload: JsonObject;
  [unknownField: string]: unknown;
}

export type V1Outcome =
  | { kind: "reply"; message: Message; logs: Message[] }
  /** The plugin closed without a reply. */
  | { kind: "closed" }
  | { kind: "fault"; fault: string }
  | { kind: "silence"; limitMs: number };

export interface V1Options {
  transcript: Transcript;
  /** Performs a kv request of the plugin's own. */
  perform: (payload: JsonObject) => JsonObject;
  /** For the reply. A message without `request_id` has none: the connection is closed after the write. */
  limitMs: number;
  /** Sends one byte at a time. */
  bytewise?: boolean;
}

/** Sends one message of version 1, serves what the plugin asks meanwhile, and returns its reply. */
export async function exchangeV1(socket: ByteSocket, message: V1Message, options: V1Options): Promise<V1Outcome> {
  const { transcript, limitMs } = options;
  const outcome = Promise.withResolvers<V1Outcome>();
  const reader = new FrameReader();
  const logs: Message[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  socket.listen({
    onData: (chunk) => {
      try {
        for (const payload of reader.push(chunk)) take(parseMessage(payload));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        outcome.resolve({ kind: "fault", fault: `a protocol error, ${error.code}: ${error.message}` });
      }
    },
    onEnd: () => outcome.resolve({ kind: "closed" }),
  });

  function take(came: Message): void {
    transcript.add("came", show(came));
    if (came.type === "log") logs.push(came);
    else if (isOwnKvRequest(came, message)) answer(came);
    else outcome.resolve({ kind: "reply", message: came, logs });
  }

  function answer(request: Message): void {
    const id = request.request_id ?? String(request.payload["request_id"]);
    const payload = { type: "kv", request_id: id, ...options.perform(request.payload) };
    const reply = { type: "kv", timestamp: new Date().toISOString(), request_id: id, payload };
    transcript.add("sent", show(reply));
    void socket.write(encodeMessage(reply));
  }

  try {
    transcript.add("sent", show(message));
    const frame = encodeMessage(message);
    const written = options.bytewise === true ? socket.writeBytewise(frame) : socket.write(frame);
    await Promise.race([written, outcome.promise]);
    if (message.request_id === undefined) return { kind: "closed" };
    timer = setTimeout(() => outcome.resolve({ kind: "silence", limitMs }), limitMs);
    return await outcome.promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** Wherever the plugin put `action`: directly, or one level deeper. */
function isOwnKvRequest({ type, request_id: id, payload }: Message, sent: V1Message): boolean {
  const inner = isObject(payload["payload"]) ? payload["payload"] : payload;
  return type === "kv" && "action" in inner && (sent.type !== "kv" || id !== sent.request_id);
}
