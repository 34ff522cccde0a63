import { problemSchema } from "@toru/http-api";
import { controlSocketPath } from "../host/listen.ts";
import { CliError } from "./cli-error.ts";

/** How long the host may take to answer a command, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Talks to the running host over its control socket, which only the host's own user may open. */
export class ControlClient {
  readonly #runDir: string;

  constructor(runDir: string) {
    this.#runDir = runDir;
  }

  async json(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<unknown> {
    const init: BunFetchRequestInit = { method, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
    if (body !== undefined)
      Object.assign(init, { body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    const response = await this.#fetch(path, init);
    return response.json();
  }

  /** The data of each SSE event with its id, until the host or the signal ends it. */
  async *events(path: string, signal: AbortSignal): AsyncGenerator<{ id: string; data: string }> {
    const response = await this.#fetch(path, { signal, headers: { accept: "text/event-stream" } });
    if (response.body === null) return;
    let buffered = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (buffered + text).split("\n\n");
      buffered = blocks.pop() ?? "";
      for (const block of blocks) {
        const lines = block.split("\n");
        const field = (name: string) =>
          lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
        const data = field("data");
        if (data.length > 0) yield { id: field("id")[0] ?? "", data: data.join("\n") };
      }
    }
  }

  async #fetch(path: string, init: BunFetchRequestInit): Promise<Response> {
    const unix = controlSocketPath(this.#runDir);
    let response: Response;
    try {
      response = await fetch(`http://localhost${path}`, { ...init, unix });
    } catch (cause) {
      throw new CliError(
        `no running host answers on ${unix} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). ` +
          "Start it with: toru serve. If it uses another run folder, give --run-dir or set TORU_RUN_DIR",
        { cause },
      );
    }
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => null));
    throw new CliError(
      problem.success ? `${problem.data.title}: ${problem.data.detail}` : `the host answered ${response.status}`,
    );
  }
}
