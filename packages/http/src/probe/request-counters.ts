/** What the host has answered, by the first digit of the status. */
export class RequestCounters {
  /** `byClass[2]` counts 2xx. */
  readonly byClass: number[] = [0, 0, 0, 0, 0, 0];
  inFlight = 0;

  /** Counts an answer that is under way. */
  track(answer: Response | Promise<Response>): Response | Promise<Response> {
    if (answer instanceof Promise) {
      this.inFlight += 1;
      return answer.then(this.#arrived, this.#failed);
    }
    this.#count(answer.status);
    return answer;
  }

  readonly #arrived = (response: Response): Response => {
    this.inFlight -= 1;
    this.#count(response.status);
    return response;
  };

  readonly #failed = (error: unknown): never => {
    this.inFlight -= 1;
    this.#count(500);
    throw error;
  };

  #count(status: number): void {
    const index = Math.trunc(status / 100);
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
  }
}
