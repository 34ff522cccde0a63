import { connect } from "node:net";

/** How long an answer may take on a busy machine, in milliseconds. */
const ANSWER_LIMIT_MS = 20_000;

export interface RawResponse {
  status: number;
  /** In the order they came, names in lower case. */
  headers: [string, string][];
  body: Buffer;
}

export interface RawRequest {
  method?: string;
  /** Sent as it stands: nothing is encoded or normalised. */
  path: string;
  /** `Host` and `Connection: close` are added where they are missing. */
  headers?: [string, string][];
  body?: Uint8Array;
}

/** Speaks HTTP/1.1 by hand, for what `fetch` would tidy up or refuse to send. */
export async function rawRequest(url: string, { method = "GET", path, headers = [], body }: RawRequest) {
  const { hostname, port } = new URL(url);
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const all = [...headers];
  if (!names.has("host")) all.push(["Host", `${hostname}:${port}`]);
  if (!names.has("connection")) all.push(["Connection", "close"]);
  if (body !== undefined && !names.has("transfer-encoding")) all.push(["Content-Length", String(body.length)]);
  const head = `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  const received = await exchange(hostname, Number(port), Buffer.concat([Buffer.from(head), body ?? Buffer.alloc(0)]));
  return parseResponse(received);
}

function exchange(host: string, port: number, sent: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const socket = connect({ host, port }, () => socket.write(sent));
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS} ms`)));
  socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
  socket.on("error", reject);
  socket.on("close", () => resolve(Buffer.concat(chunks)));
  return promise;
}

function parseResponse(received: Buffer): RawResponse {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) throw new Error(`this is no HTTP answer: ${JSON.stringify(received.toString("latin1"))}`);
  const [first = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const rest = received.subarray(end + 4);
  const isChunked = headers.some(([name, value]) => name === "transfer-encoding" && value === "chunked");
  return { status: Number(first.split(" ")[1]), headers, body: isChunked ? joinChunks(rest) : rest };
}

function joinChunks(encoded: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = encoded.indexOf("\r\n", at);
    const length = Number.parseInt(encoded.subarray(at, lineEnd).toString("latin1"), 16);
    if (lineEnd === -1 || !(length > 0)) return Buffer.concat(chunks);
    chunks.push(encoded.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}
