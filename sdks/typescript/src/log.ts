export type LogLevel = "debug" | "info" | "warn" | "error";

/** Shown beside the message. An `error` among them is shown with its stack. */
export type LogFields = Record<string, unknown>;

/** Writes to the plugin's log, which the panel shows. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Payload of a `log` message. */
export interface LogPayload {
  level: LogLevel;
  message: string;
  error?: string;
  fields?: LogFields;
}

/** What a message, an error or the fields of one line may have, in characters; a longer text is cut. */
const MAX_LOG_CHARACTERS = 64 * 1024;
/** How deep fields may be nested; the host refuses more than 100. */
const MAX_LEVELS = 90;
/** Lines that are kept until the host connects; the first ones stay, since they say why nothing came later. */
const MAX_BUFFERED_LINES = 256;

/** Where lines go: to the host, or where that is not to be had to stderr, which the host reads too. */
export class LogWriter {
  readonly #lines: LogPayload[] = [];
  #lost = 0;
  /** Returns false where it cannot take the line. Null while the host has not connected yet. */
  #send: ((payload: LogPayload) => boolean) | null = null;

  readonly log: Log = {
    debug: (message, fields) => this.write("debug", message, fields),
    info: (message, fields) => this.write("info", message, fields),
    warn: (message, fields) => this.write("warn", message, fields),
    error: (message, fields) => this.write("error", message, fields),
  };

  write(level: LogLevel, message: string, fields?: LogFields): void {
    const payload = toPayload(level, message, fields);
    if (this.#send !== null) this.#pass(payload);
    else if (this.#lines.length < MAX_BUFFERED_LINES) this.#lines.push(payload);
    else this.#lost += 1;
  }

  /** From now on lines go to `send`; those that waited go first. */
  connect(send: (payload: LogPayload) => boolean): void {
    this.#send = send;
    for (const line of this.#lines.splice(0)) this.#pass(line);
  }

  /** Prints what still waits for a host that never came. */
  flush(): void {
    this.#send ??= print;
    for (const line of this.#lines.splice(0)) this.#pass(line);
  }

  #pass(payload: LogPayload): void {
    if (this.#lost > 0) {
      const message = `${this.#lost} lines of the log were lost: they came faster than they could be taken`;
      if (!this.#send?.({ level: "warn", message })) return void (this.#lost += 1);
      this.#lost = 0;
    }
    if (!this.#send?.(payload)) this.#lost += 1;
  }
}

/** Of this process: there is one log, whichever part of the plugin writes to it. */
export const logWriter = new LogWriter();

/** The plugin's log. Lines from before the host has connected are kept, up to 256, and sent then. */
export const log: Log = logWriter.log;

/** The way to the log without a connection. */
export function print({ level, message, error, fields }: LogPayload): true {
  const detail = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
  process.stderr.write(`${level}: ${message}${detail}${error === undefined ? "" : `\n${error}`}\n`);
  return true;
}

function toPayload(level: LogLevel, message: string, fields: LogFields = {}): LogPayload {
  const { error, ...others } = fields;
  const payload: LogPayload = { level, message: cut(message) };
  if (error !== undefined && error !== null) payload.error = cut(describe(error));
  if (Object.keys(others).length > 0) payload.fields = plainFields(others);
  return payload;
}

/** A message and a stack where there is one, with the causes. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : (JSON.stringify(error) ?? String(error));
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  const text = stack.includes(error.message) ? stack : `${head}\n${stack}`;
  return error.cause === undefined || error.cause === error ? text : `${text}\ncaused by: ${describe(error.cause)}`;
}

/** What JSON cannot carry (cycles, a BigInt, too deep) becomes text: a log line must not fail. */
function plainFields(fields: LogFields): LogFields {
  try {
    const json = JSON.stringify(fields);
    const plain = JSON.parse(json) as LogFields;
    return json.length > MAX_LOG_CHARACTERS || nestsDeeperThan(plain, MAX_LEVELS) ? { text: cut(json) } : plain;
  } catch {
    const texts = Object.entries(fields).map(([name, value]) => [name, cut(String(value))]);
    return Object.fromEntries(texts) as LogFields;
  }
}

function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeperThan(inner, levels - 1));
}

function cut(value: unknown): string {
  const text = typeof value === "string" ? value : describe(value); // JavaScript lets anything in
  return text.length > MAX_LOG_CHARACTERS ? `${text.slice(0, MAX_LOG_CHARACTERS)}… (cut)` : text;
}
