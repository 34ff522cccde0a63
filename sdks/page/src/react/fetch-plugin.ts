import type { PluginApi } from "../index.ts";

/** An answer that is no success. The message is meant for people. */
export class PluginFetchError extends Error {
  override readonly name = "PluginFetchError";
  /** The HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type PluginRequest = Omit<RequestInit, "body"> & {
  /** A string goes as it is, anything else as JSON. */
  body?: unknown;
};

/**
 * Asks the plugin and reads JSON; null where the answer has no body.
 *
 * @throws PluginFetchError where the status is not 2xx. Its message is the answer's `detail` (problems of the host),
 * `error.message` or `message`, else its text or status.
 * @throws what `fetch` throws where no answer came.
 */
export async function fetchJson<T>(api: Pick<PluginApi, "fetch">, path: string, request?: PluginRequest): Promise<T> {
  const text = await fetchText(api, path, request);
  return (text === "" ? null : JSON.parse(text)) as T;
}

/** The same with the text of the answer. */
export async function fetchText(
  api: Pick<PluginApi, "fetch">,
  path: string,
  { body, ...init }: PluginRequest = {},
): Promise<string> {
  const headers = new Headers(init.headers);
  const request: RequestInit = { ...init, headers };
  if (body !== undefined) {
    request.body = typeof body === "string" ? body : JSON.stringify(body);
    if (!headers.has("content-type") && typeof body !== "string") headers.set("content-type", "application/json");
  }
  const response = await api.fetch(path, request);
  const text = await response.text();
  if (!response.ok) throw new PluginFetchError(response.status, reasonOf(text, response));
  return text;
}

/** Longest text of an answer that is shown as it came, in characters. */
const MAX_REASON_CHARACTERS = 300;

function reasonOf(text: string, { status, statusText }: Response): string {
  try {
    const { detail, error, message } = JSON.parse(text) as Record<string, unknown>;
    const inner = typeof error === "object" && error !== null && "message" in error ? error.message : error;
    const found = [detail, inner, message].find((reason) => typeof reason === "string");
    if (found !== undefined) return found;
  } catch {
    if (text !== "" && text.length <= MAX_REASON_CHARACTERS && !text.startsWith("<")) return text; // plain text
  }
  return `the plugin answered with status ${status} ${statusText}`.trim();
}
