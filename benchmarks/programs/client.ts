import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownedProcess } from "../forward/owned-process.ts";
import { until } from "../forward/until.ts";
import { compileRust } from "./compile-rust.ts";

/** Whom to ask, and what: see client.rs. */
export interface Question {
  kind: "http" | "frames";
  /** `tcp:HOST:PORT` or `unix:PATH`. */
  address: string;
  /** Holds the bytes of one request. */
  file: string;
}

export interface Asked {
  count: number;
  p50Us: number;
  p99Us: number;
  mostUs: number;
  /** The client's own time on the processors for one exchange. */
  clientUs: number;
}

/** In a microsecond. */
const NANOSECONDS = 1_000;

/** The compiled client. */
export class Client {
  readonly #program: string;
  readonly #folder: string;

  private constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  static async make(folder: string): Promise<Client> {
    const program = join(folder, "client");
    await compileRust("client", program);
    return new Client(program, folder);
  }

  /** A GET of an address of the host, with the session's cookie. */
  async request(name: string, url: string, cookie: string): Promise<Question> {
    const { hostname, port, host, pathname } = new URL(url);
    const head = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\naccept: */*\r\n\r\n`;
    return this.question(name, "http", `tcp:${hostname}:${port}`, Buffer.from(head));
  }

  async question(name: string, kind: Question["kind"], address: string, request: Uint8Array): Promise<Question> {
    const file = join(this.#folder, `${name}.request`);
    await writeFile(file, request);
    return { kind, address, file };
  }

  /** One exchange after another for so many seconds; at a steady rate a second, or as fast as it goes (0). */
  async ask({ kind, address, file }: Question, seconds: number, rate = 0): Promise<Asked> {
    const command = [this.#program, "ask", kind, address, file, String(seconds), String(rate)];
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
    const [text, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`${address} could not be measured: ${complaint.trim()}`);
    const { count, p50, p99, most, cpu } = JSON.parse(text) as Record<"count" | "p50" | "p99" | "most" | "cpu", number>;
    return {
      count,
      p50Us: p50 / NANOSECONDS,
      p99Us: p99 / NANOSECONDS,
      mostUs: most / NANOSECONDS,
      clientUs: cpu / NANOSECONDS,
    };
  }

  /** Sends back what comes on a socket of its own. */
  async echo(path: string, parts: AsyncDisposableStack): Promise<void> {
    ownedProcess(parts, () => Bun.spawn([this.#program, "echo", path], { stdio: ["ignore", "ignore", "inherit"] }));
    await until(`the echo on ${path}`, () => isThere(path), { limitMs: 10_000, intervalMs: 5 });
  }

  /** So many connections that have asked and wait, until the handle is disposed. */
  async waiting({ address, file }: Question, count: number): Promise<AsyncDisposable> {
    const command = [this.#program, "wait", address, file, String(count)];
    const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    await child.stdout.getReader().read(); // it says when all were sent
    return {
      async [Symbol.asyncDispose]() {
        await child.stdin.end();
        await child.exited;
      },
    };
  }
}

async function isThere(path: string): Promise<true | null> {
  return access(path).then(
    () => true,
    () => null,
  );
}
