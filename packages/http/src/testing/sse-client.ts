export interface SseEvent {
  name: string;
  id: string | null;
  data: string;
}

/** Reads a live answer event by event; comments and `retry` are counted, not returned. */
export class SseClient {
  readonly response: Response;
  comments = 0;
  readonly #events: AsyncGenerator<SseEvent, void>;

  constructor(response: Response) {
    this.response = response;
    this.#events = this.#read();
  }

  /** Null where the stream has ended. */
  async next(): Promise<SseEvent | null> {
    const result = await this.#events.next();
    return result.done === true ? null : result.value;
  }

  async *#read(): AsyncGenerator<SseEvent, void> {
    const { body } = this.response;
    if (body === null) return;
    let rest = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parse(block);
        if (event === null) this.comments += 1;
        else yield event;
      }
    }
  }
}

function parse(block: string): SseEvent | null {
  const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const data = fields.get("data");
  return data === undefined ? null : { name: fields.get("event") ?? "message", id: fields.get("id") ?? null, data };
}
