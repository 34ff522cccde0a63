import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RawResponse } from "../../../packages/server/tests/support/raw-request.ts";
import type { ApiRequest } from "./make-request.ts";
import { type OpenApi, type Operation, pointer } from "./open-api.ts";

/** The faults of the host and of plugins that protocol.md has a status for. */
const KNOWN_FAULTS = new Set([501, 502, 503, 504]);

const PROBLEM = "application/problem+json";
/** These take less than their schema says: its limits are bytes, or what only the host can read. */
const STRICTER = [/\/kv$/, /\/handle-kv$/];

export interface Caller {
  name: "admin" | "user" | "read token" | "anonymous";
  headers: Record<string, string>;
}

/** Holds answers against the document that promises them. */
export class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #problems = problemTable();

  constructor(document: OpenApi) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, "document");
  }

  /** What is wrong with the answer; null where nothing is. */
  async fault(request: ApiRequest, caller: Caller, answer: Response): Promise<string | null> {
    const { operation } = request;
    const { status } = answer;
    const declared = operation.responses[status];
    if (declared === undefined) return `the status ${status} is not declared: ${await answer.text()}`;
    if (status >= 500 && !KNOWN_FAULTS.has(status)) return `the host failed: ${await answer.text()}`;
    const denied = this.#wronglyLetIn(operation, caller, status);
    if (denied !== null) return denied;
    const body = await bodyOf(answer);
    const isOk = status < 400;
    if (operation.requestBody !== undefined) {
      const fits =
        request.json !== null && this.#fits(operation, ["requestBody"], "application/json", request.json.value);
      if (isOk && !fits) return `${status} for a body that its schema does not take`;
      const isStrict = STRICTER.some((path) => path.test(operation.path));
      if (status === 400 && fits && !isStrict) return `400 for a body that its schema takes: ${body}`;
    }
    if (caller.name !== "anonymous" && body.includes("/problems/unauthenticated"))
      return "401 for somebody who is known";
    return this.#bodyFault(operation, status, declared.content ?? {}, answer, body);
  }

  /** What is wrong with an answer that the document says nothing of. */
  strayFault({ status, headers, body }: RawResponse): string | null {
    if (status >= 500 && !KNOWN_FAULTS.has(status)) return `the host failed: ${status} ${body.toString()}`;
    const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
    return type === PROBLEM && body.length > 0 ? this.#problemFault(status, JSON.parse(body.toString())) : null;
  }

  #wronglyLetIn({ security, method }: Operation, { name }: Caller, status: number): string | null {
    if (security.length === 0) return null;
    if (name === "anonymous" && status !== 401) return `${status} for nobody`;
    return name === "read token" && method !== "GET" && status !== 403 ? `${status} for a token that only reads` : null;
  }

  #bodyFault(operation: Operation, status: number, content: object, answer: Response, body: string): string | null {
    const types = Object.keys(content);
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    if (types.length === 0) return body === "" ? null : `a body where none is declared: ${body}`;
    if (!types.includes(type)) return `the type ${type} is none of ${types.join(", ")}`;
    if (!/[/+]json$/.test(type)) return null;
    const value: unknown = JSON.parse(body);
    if (!this.#fits(operation, ["responses", String(status)], type, value)) return `not by its schema: ${body}`;
    return type === PROBLEM ? this.#problemFault(status, value) : null;
  }

  #problemFault(status: number, value: unknown): string | null {
    const { type, status: said } = value as { type: string; status: number };
    const isKnown = this.#problems.get(type.replace("/problems/", "")) === status && said === status;
    return isKnown ? null : `${status}, and no problem of docs/errors.md: ${JSON.stringify(value)}`;
  }

  #fits(operation: Operation, place: string[], type: string, value: unknown): boolean {
    const $ref = `document${pointer(operation, ...place, "content", type, "schema")}`;
    const validate = this.#ajv.getSchema($ref) ?? this.#ajv.compile({ $ref });
    return validate(value) === true;
  }
}

/** The status of each problem. */
function problemTable(): Map<string, number> {
  const page = readFileSync(join(import.meta.dir, "../../../docs/errors.md"), "utf8");
  return new Map(
    [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, code = "", status]) => [code, Number(status)]),
  );
}

/** All of it; of a live stream, which has no end, the start. */
async function bodyOf(answer: Response): Promise<string> {
  if (answer.headers.get("content-type")?.startsWith("text/event-stream") !== true) return answer.text();
  const reader = answer.body?.getReader();
  await reader?.cancel();
  return "";
}
