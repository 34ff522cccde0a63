/** What this fuzzer reads of an OpenAPI document. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

interface Media {
  schema: Schema;
}

export interface Operation {
  method: string;
  /** With `{names}`. */
  path: string;
  parameters: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
  /** Empty: open to anyone. */
  security: unknown[];
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      Object.assign({}, operation, {
        parameters: operation.parameters ?? [],
        method: method.toUpperCase(),
        path,
      }),
    ),
  );
}

/** Where the schema of a JSON body, or of an answer, is in the document. */
export function pointer({ method, path }: Operation, ...rest: string[]): string {
  const escaped = ["paths", path, method.toLowerCase(), ...rest].map((part) =>
    part.replaceAll("~", "~0").replaceAll("/", "~1"),
  );
  return `#/${escaped.map(encodeURIComponent).join("/")}`;
}
