/** What the backend answers, whichever of its two listeners was asked. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

const SMALL = {
  name: "bench",
  status: "running",
  temperature: 21.5,
  labels: ["first", "second"],
  note: "about a hundred bytes of JSON",
};

const LINE = `${"0123456789abcdef".repeat(4).slice(0, 63)}\n`;
const TEXT_BYTES = 65_536;
const TEXT = LINE.repeat(TEXT_BYTES / LINE.length);

export function answerTo(path: string): Answer {
  switch (path) {
    case "/bench/small":
      return { status: 200, contentType: "application/json", body: JSON.stringify(SMALL) };
    case "/bench/64k":
      return { status: 200, contentType: "text/plain; charset=utf-8", body: TEXT };
    default:
      return { status: 404, contentType: "text/plain; charset=utf-8", body: `nothing is at ${path}\n` };
  }
}
