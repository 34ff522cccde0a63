const START = "<!-- result: written by run.mjs --write -->";
const END = "<!-- end of result -->";

/** The document with `result` between its two markers, in place of what stood there. */
export function withResult(document: string, result: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the README must hold ${START} and, behind it, ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${result}\n\n${document.slice(end)}`;
}
