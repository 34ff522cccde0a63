import { encodeFrame, FrameDecoder, isObject, parsePayload, v2, type MessageType } from "@toru/protocol";

type Receive = (socket: Bun.Socket, message: { type: unknown; id: string; payload: Record<string, unknown> }) => void;

interface Conversation {
  /** Everything of the host's but lifecycle. */
  receive: Receive;
  send: (socket: Bun.Socket, frame: Uint8Array) => void;
  drain: (socket: Bun.Socket) => void;
}

/** Runs a plugin of version 2, whose id is the first argument, until the host ends. */
export async function servePlugin({ receive, send, drain }: Conversation): Promise<void> {
  const [, , id = "", argument] = process.argv;
  if (argument === "--metadata") {
    console.log(JSON.stringify({ id, name: id, version: "1.0.0", icon: "⏱️", route: `/${id}`, protocol: 2 }));
    return;
  }
  const decoder = new FrameDecoder();
  Bun.listen({
    unix: process.env["TORU_PLUGIN_SOCKET"] ?? "",
    socket: {
      data(socket, chunk) {
        for (const bytes of decoder.push(chunk)) {
          const { type, request_id: request, payload } = parsePayload(bytes);
          if (!isObject(payload)) throw new Error("the host sent a message without a payload");
          if (payload["action"] === "shutdown") process.exit(0);
          if (typeof request !== "string") continue;
          if (type === "lifecycle") send(socket, frame("lifecycle", lifecycleReply(payload), request));
          else receive(socket, { type, id: request, payload });
        }
      },
      drain,
    },
  });
  for await (const _ of Bun.stdin.stream()); // ends with the host
  process.exit(0);
}

function lifecycleReply(payload: Record<string, unknown>): Record<string, unknown> {
  return payload["action"] === "init" ? { action: "ready", features: [] } : { action: "pong" };
}

export function frame(type: MessageType, payload: unknown, request?: string): Uint8Array {
  const encoded = encodeFrame(v2.envelope(type, payload, request));
  if (encoded === null) throw new Error("a message of the benchmark does not fit a frame");
  return encoded;
}
