/** The exam could not be run. The message is for the person at the terminal. */
export class ExamError extends Error {
  override readonly name = "ExamError";
}
