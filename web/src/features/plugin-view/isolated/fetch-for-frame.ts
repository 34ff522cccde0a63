import type { PluginApi } from "@toru/page";
import type { FetchAnswer, FetchCall } from "./messages.ts";
import type { Turns } from "./turns.ts";

/** Largest answer where the browser cannot hand over a stream, in bytes. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** Statuses of answers that have no body: no Response can be made of them with one. */
const NO_BODY = new Set([204, 205, 304]);

interface FetchForFrameOptions {
  call: FetchCall;
  api: PluginApi;
  port: MessagePort;
  turns: Turns;
  signal: AbortSignal;
}

/** Asks the plugin for the frame. Done when the answer has been read to its end, or when nobody reads it any more. */
export async function fetchForFrame({ call, api, port, turns, signal }: FetchForFrameOptions): Promise<void> {
  const { id, path, method, headers, body } = call;
  await turns.take();
  try {
    signal.throwIfAborted();
    // A redirect that is followed would lead the user's own cookie to wherever the plugin says.
    const response = await api.fetch(path, { method, headers, body, signal, redirect: "manual" });
    if (response.type === "opaqueredirect") {
      throw new TypeError(`api.fetch: "${path}" is answered by a redirect, and an isolated page follows none`);
    }
    const { status, statusText, body: stream } = response;
    const send = (body: FetchAnswer["body"]) => {
      const value: FetchAnswer = { status, statusText, headers: [...response.headers], body };
      port.postMessage({ type: "answer", id, value }, body === null ? [] : [body]);
    };
    if (stream === null || NO_BODY.has(status)) send(null);
    else if (!canTransferStreams()) send(await readWhole(stream));
    else {
      const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
      const isRead = stream.pipeTo(writable);
      send(readable);
      // The reader learns by the stream itself what went wrong with it.
      await isRead.catch(() => undefined);
    }
  } finally {
    turns.give();
  }
}

function canTransferStreams(): boolean {
  try {
    const stream = new ReadableStream();
    structuredClone(stream, { transfer: [stream] });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

async function readWhole(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ArrayBuffer> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_WHOLE_BYTES) throw new TypeError(`api.fetch: the answer is over ${MAX_WHOLE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}
