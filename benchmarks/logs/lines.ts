/** About 80 characters. `tag` names the run. */
export function lineOf(tag: string, number: number): string {
  return `GET /items/${(number * 7_919) % 100_000} answered 200 in ${number % 250} ms, for client 17, ${tag} ${number}.`;
}

/** The number of a line of this run; null for every other. */
export function numberIn(message: string, tag: string): number | null {
  const found = new RegExp(`, ${tag} (\\d+)\\.$`).exec(message)?.[1];
  return found === undefined ? null : Number(found);
}
