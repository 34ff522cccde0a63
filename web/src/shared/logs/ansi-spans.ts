import Anser from "anser";

type AnsiHue = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "plain" | "grey";

export interface AnsiSpan {
  text: string;
  color: AnsiHue | null;
  background: AnsiHue | null;
  isBold: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
  isStruck: boolean;
}

const ESCAPE = "\u001b";
/** What else a terminal would obey and a page would show as boxes: operating system commands, other escapes, controls. */
const OTHER_CONTROLS =
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-Z\\-~]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;

/** A line of output by its colours. Colours become one of eight that can be read on either theme. */
export function ansiSpans(text: string): AnsiSpan[] {
  const visible = text.replace(OTHER_CONTROLS, "");
  if (!visible.includes(ESCAPE)) return [plainSpan(visible)];
  // Whatever is no colour is dropped by the library; the lone escape is one that nothing follows.
  return Anser.ansiToJson(visible, { json: true, remove_empty: true }).map((chunk) => {
    const has = new Set<string>(chunk.decorations);
    const color = hueOf(chunk.fg) ?? (has.has("dim") ? "grey" : null);
    return {
      text: chunk.content.replaceAll(ESCAPE, ""),
      color,
      background: hueOf(chunk.bg),
      isBold: has.has("bold"),
      isItalic: has.has("italic"),
      isUnderlined: has.has("underline"),
      isStruck: has.has("strikethrough"),
    };
  });
}

/** The text without its colours. */
export function withoutAnsi(text: string): string {
  return ansiSpans(text)
    .map((span) => span.text)
    .join("");
}

function plainSpan(text: string): AnsiSpan {
  const style = { isBold: false, isItalic: false, isUnderlined: false, isStruck: false };
  return { text, color: null, background: null, ...style };
}

/** Least difference between the strongest and the weakest part of a colour that has a hue. */
const LEAST_CHROMA = 48;

/** From `"r, g, b"` to the nearest name. */
function hueOf(rgb: string | null): AnsiHue | null {
  const [red, green, blue] = (rgb ?? "").split(",").map(Number);
  if (red === undefined || green === undefined || blue === undefined) return null;
  const strongest = Math.max(red, green, blue);
  const weakest = Math.min(red, green, blue);
  if (strongest - weakest < LEAST_CHROMA) return strongest > 64 && strongest < 176 ? "grey" : "plain";
  const middle = (strongest + weakest) / 2;
  const bits = (red > middle ? 4 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 1 : 0);
  return HUE_BY_BITS[bits] ?? "plain";
}

/** By which of red, green and blue are strong. */
const HUE_BY_BITS: readonly AnsiHue[] = ["plain", "blue", "green", "cyan", "red", "magenta", "yellow", "plain"];
