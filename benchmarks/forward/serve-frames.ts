import { encodeDataFrame, FrameDecoder, isObject, parsePayload } from "@toru/protocol";
import { frame } from "../programs/serve-plugin.ts";
import { answerTo } from "./answers.ts";

/** Larger bodies follow their head as a data frame, as the SDKs send them. */
const MAX_INLINE_BYTES = 16 * 1024;
let nextStream = 0;

interface Connection {
  decoder: FrameDecoder;
  /** What the kernel has not taken yet. The host bounds it: it has a limited number of requests in flight. */
  unsent: Uint8Array[];
}

/** Speaks version 2 of the plugin protocol. The replies to what arrived together leave together, in one write. */
export function serveFrames(path: string): void {
  Bun.listen<Connection>({
    unix: path,
    socket: {
      open(socket) {
        socket.data = { decoder: new FrameDecoder(), unsent: [] };
      },
      data(socket, chunk) {
        const replies: Uint8Array[] = [];
        for (const payload of socket.data.decoder.push(chunk)) {
          const reply = replyTo(parsePayload(payload));
          if (reply !== null) replies.push(reply);
        }
        socket.data.unsent.push(Buffer.concat(replies));
        flush(socket);
      },
      drain: flush,
    },
  });
}

function flush(socket: Bun.Socket<Connection>): void {
  const { unsent } = socket.data;
  for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
    const written = Math.max(0, socket.write(next));
    if (written < next.length) {
      unsent[0] = next.subarray(written);
      return;
    }
    unsent.shift();
  }
}

/** The frame of the reply; null for a message that has none. */
function replyTo(message: Record<string, unknown>): Uint8Array | null {
  const { type, request_id: id, payload } = message;
  if (typeof id !== "string" || !isObject(payload)) {
    if (isObject(payload) && payload["action"] === "shutdown") process.exit(0);
    return null;
  }
  if (type === "lifecycle") {
    const reply = payload["action"] === "init" ? { action: "ready", features: ["stream"] } : { action: "pong" };
    return frame("lifecycle", reply, id);
  }
  const { path } = payload;
  if (typeof path !== "string") return null; // the cancel of a request that is answered already
  const { status, contentType, body } = answerTo(path);
  if (body.length <= MAX_INLINE_BYTES)
    return frame("http", { status, headers: { "content-type": contentType }, body }, id);
  const bytes = Buffer.from(body);
  const headers = { "content-type": contentType, "content-length": String(bytes.length) };
  nextStream = (nextStream + 1) % 0xffff_ffff;
  const head = frame("http", { status, headers, stream: nextStream }, id);
  const data = encodeDataFrame({ stream: nextStream, bytes, isLast: true, isText: false, isAborted: false });
  return Buffer.concat([head, data]);
}
