import { until } from "./until.ts";

export interface ReceivedEvent {
  name: string;
  id: string;
  data: unknown;
}

/** Collects the events of a live stream (SSE, its data JSON) until it is disposed. */
export class EventReader implements AsyncDisposable {
  readonly events: ReceivedEvent[] = [];
  /** Resolves when the stream has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();

  private constructor(response: Response, stop: AbortController) {
    this.#stop = stop;
    this.ended = this.#read(response).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  /** Opens the stream; fails where the answer is no stream. */
  static async open(fetchStream: (signal: AbortSignal) => Promise<Response>): Promise<EventReader> {
    const stop = new AbortController();
    const response = await fetchStream(stop.signal);
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !type.startsWith("text/event-stream")) {
      throw new Error(`no stream: ${response.status} ${await response.text()}`);
    }
    return new EventReader(response, stop);
  }

  /** Waits for the first event that fits. */
  find(what: string, fits: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent> {
    return until(what, () => this.events.find(fits));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async #read(response: Response): Promise<void> {
    if (response.body === null) return;
    let buffered = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (buffered + text).split("\n\n");
      buffered = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      fields.set(name, value);
    }
    const data = fields.get("data");
    if (data === undefined) return;
    this.events.push({
      name: fields.get("event") ?? "message",
      id: fields.get("id") ?? "",
      data: JSON.parse(data) as unknown,
    });
  }
}
