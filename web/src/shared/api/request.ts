import type { Problem } from "@toru/http-api";

/** Longest wait for an answer that is not a stream, in milliseconds. */
const TIMEOUT_MS = 40_000;

/** A request that did not succeed. `status` is 0 where no answer came. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly problem: Problem | null;
  /** How long to wait before the next try, in seconds; null where the host names none. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    status: number,
    problem: Problem | null,
    { retryAfter = null, ...options }: ErrorOptions & { retryAfter?: number | null } = {},
  ) {
    super(message, options);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The code of docs/errors.md; null where the host gave none. */
  get code(): string | null {
    return this.problem?.type.replace("/problems/", "") ?? null;
  }
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** Asks the host and gives its JSON, or rejects with a RequestError; an abort rejects as `fetch` does. */
export async function request<T>(path: string, { method = "GET", body, signal }: RequestOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = { method, signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  if (body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError("The host does not answer.", 0, null, { cause: error });
  }
  if (response.ok) return (text === "" ? null : JSON.parse(text)) as T;
  const problem = readProblem(text, response.headers.get("content-type"));
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  throw new RequestError(messageOf(problem) ?? response.statusText, response.status, problem, { retryAfter });
}

function readProblem(text: string, contentType: string | null): Problem | null {
  if (!contentType?.startsWith("application/problem+json")) return null;
  try {
    return JSON.parse(text) as Problem;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function messageOf(problem: Problem | null): string | null {
  if (problem === null) return null;
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  return fields.length > 0 ? fields.join("; ") : problem.detail;
}
