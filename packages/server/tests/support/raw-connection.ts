import { connect, type Socket } from "node:net";
import { until } from "./until.ts";

/** A connection on which bytes are sent as they stand; what came is kept, and nothing is interpreted. */
export class RawConnection implements Disposable {
  /** Each byte is one character. */
  received = "";
  isClosed = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => (this.received += chunk.toString("latin1")));
    socket.on("error", () => (this.isClosed = true));
    socket.on("end", () => (this.isClosed = true));
    socket.on("close", () => (this.isClosed = true));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await until("the connection is open", () => socket.readyState === "open");
    return connection;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says that nothing more will be sent, and goes on to read. */
  finish(): void {
    this.#socket.end();
  }

  /** Waits until this text has come. */
  receives(text: string): Promise<string> {
    return until(`${JSON.stringify(text)} comes`, () => (this.received.includes(text) ? this.received : null));
  }

  /** Waits until the other side has closed; returns all that came. */
  closes(): Promise<string> {
    return until("the connection is closed", () => (this.isClosed ? this.received : null));
  }

  /** Goes away without a word. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
