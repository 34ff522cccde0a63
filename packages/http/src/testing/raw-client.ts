import { connect, type Socket } from "node:net";

const LIMIT_MS = 5_000;

export interface RawAnswer {
  status: number;
  /** Lower-case name and value, in the order in which they came. */
  headers: [string, string][];
  body: string;
}

/** Sends bytes as they are on a connection of their own and reads until the host closes it (`Connection: close`). */
export async function rawRequest(port: number, text: string | Buffer): Promise<RawAnswer> {
  const socket = await openSocket(port);
  try {
    socket.write(text);
    return parse(await readToEnd(socket));
  } finally {
    socket.destroy();
  }
}

export function openSocket(port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(port, "127.0.0.1", () => resolve(socket));
  socket.on("error", reject);
  return promise;
}

function readToEnd(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const timer = setTimeout(
    () => reject(new Error(`no end within ${LIMIT_MS} ms: ${Buffer.concat(chunks).toString()}`)),
    LIMIT_MS,
  );
  socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(Buffer.concat(chunks).toString("latin1"));
  });
  return promise;
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(" ")[1]), headers, body: text.slice(end + 4) };
}
