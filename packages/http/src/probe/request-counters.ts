import { v2 } from "@toru/protocol";
import type { Answer } from "../http-options.ts";

/** What the host has answered, by the first digit of the status. */
export class RequestCounters {
  /** `byClass[2]` counts 2xx. */
  readonly byClass: number[] = [0, 0, 0, 0, 0, 0];
  inFlight = 0;

  /** Counts an answer that is under way. */
  track(answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (answer instanceof Promise) {
      this.inFlight += 1;
      return answer.then(this.#arrived, this.#failed);
    }
    this.#count(answer);
    return answer;
  }

  readonly #arrived = (response: Answer): Answer => {
    this.inFlight -= 1;
    this.#count(response);
    return response;
  };

  readonly #failed = (error: unknown): never => {
    this.inFlight -= 1;
    this.#countStatus(500);
    throw error;
  };

  /** A request that became a WebSocket has no response of ours. */
  #count(answer: Answer): void {
    this.#countStatus(answer?.status ?? v2.SWITCHING_PROTOCOLS);
  }

  #countStatus(status: number): void {
    const index = Math.trunc(status / 100);
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
  }
}
