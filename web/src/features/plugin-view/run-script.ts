/** The script did not run to its end. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  /** What was thrown, or null where the browser got no script at all. */
  readonly thrown: { value: unknown; place: string } | null;

  constructor(message: string, thrown: ScriptError["thrown"]) {
    super(message, { cause: thrown?.value });
    this.thrown = thrown;
  }
}

/**
 * Runs a script of the host as a classic one, or, where that is not its syntax, as a module, whose exports it gives.
 * Rejects with a ScriptError.
 */
export async function runScript(url: string): Promise<Record<string, unknown> | null> {
  const classic = await runClassic(url);
  if (classic === null) return null;
  if (!(classic.value instanceof SyntaxError)) throw new ScriptError("The script failed.", classic);
  try {
    return (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
  } catch (error) {
    // Where both readings complain of the same, the classic one knows the place.
    const isSame = error instanceof Error && error.message === classic.value.message;
    throw new ScriptError("The script failed.", { value: error, place: isSame ? classic.place : "" });
  }
}

/** What it has thrown, or null. */
function runClassic(url: string): Promise<{ value: unknown; place: string } | null> {
  const script = document.createElement("script");
  const done = new AbortController();
  const { signal } = done;
  const ran = new Promise<{ value: unknown; place: string } | null>((resolve, reject) => {
    let thrown: { value: unknown; place: string } | null = null;
    const onError = (event: ErrorEvent) => {
      if (event.filename !== script.src) return;
      const place = `${event.filename}:${event.lineno}:${event.colno}`;
      thrown ??= { value: event.error ?? event.message, place };
    };
    window.addEventListener("error", onError, { signal });
    script.addEventListener("load", () => resolve(thrown), { signal });
    script.addEventListener("error", () => reject(new ScriptError("The script did not load.", null)), { signal });
  });
  script.src = url;
  document.head.append(script);
  return ran.finally(() => {
    done.abort();
    script.remove();
  });
}
