/** The whole body, or `too_large` where it has more than `maxBytes`; of such a one nothing is kept. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | "too_large"> {
  const { body } = request;
  if (body === null) return EMPTY;
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    // Bun reads no further than this length, and refuses a request that has a transfer-encoding too.
    return announcedLength(announced) > maxBytes ? "too_large" : request.bytes();
  }
  return readChunks(body, maxBytes);
}

/** Of a `Content-Length`. Bun lets the same one pass several times (`4, 4`), and refuses what is no number. */
export function announcedLength(header: string): number {
  return Number.parseInt(header, 10);
}

const EMPTY = new Uint8Array(0);

async function readChunks(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array | "too_large"> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes) return "too_large"; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, total);
}
