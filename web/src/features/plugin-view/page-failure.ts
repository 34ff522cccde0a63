/** What went wrong with a plugin's page, to be shown. */
export interface PageFailure {
  /** `unreached`: no answer came; `load`: it holds no script; `script`: it failed; `form`: it registers no page; `mount`; `later`: after the mount. */
  stage: "unreached" | "load" | "script" | "form" | "mount" | "later";
  /** "" where the stage says it all. */
  message: string;
  /** The stack, or where it happened. */
  details: string | null;
}

/** More of a message, and of a stack, says nothing more. */
export const MAX_MESSAGE_CHARACTERS = 1_000;
export const MAX_DETAILS_CHARACTERS = 20_000;

/** A failure that an isolated page has told of. */
export class PageFault extends Error {
  override readonly name = "PageFault";
  readonly failure: PageFailure;

  constructor(failure: PageFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Anything may be thrown. */
export function failureOf(stage: PageFailure["stage"], error: unknown): PageFailure {
  if (error instanceof PageFault) return error.failure;
  const { message, details } = describe(error);
  return {
    stage,
    message: message.slice(0, MAX_MESSAGE_CHARACTERS),
    details: details?.slice(0, MAX_DETAILS_CHARACTERS) ?? null,
  };
}

function describe(error: unknown): Pick<PageFailure, "message" | "details"> {
  if (!(error instanceof Error)) return { message: textOf(error), details: null };
  const { name, message, stack } = error;
  const title = message === "" ? name : `${name}: ${message}`;
  const hasTitle = stack?.includes(message) ?? false;
  return { message: title, details: stack && !hasTitle ? `${title}\n${stack}` : (stack ?? null) };
}

function textOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch (error) {
    console.debug("What a plugin's page has thrown cannot be written as JSON:", error);
    return Object.prototype.toString.call(thrown);
  }
}
