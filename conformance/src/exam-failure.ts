/** The plugin did something else than its document says. Everything else that is thrown is a fault of the exam. */
export class ExamFailure extends Error {
  override readonly name = "ExamFailure";
  /** What was sent, where that says more than the last message. */
  readonly sent: string | undefined;

  /** `came` says what the plugin did. */
  constructor(came: string, sent?: string) {
    super(came);
    this.sent = sent;
  }
}

/** Throws an ExamFailure that says what `came` unless `holds`. */
export function check(holds: boolean, came: string | (() => string), sent?: string): asserts holds {
  if (!holds) throw new ExamFailure(typeof came === "string" ? came : came(), sent);
}
