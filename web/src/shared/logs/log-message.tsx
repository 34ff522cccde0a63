import { memo, type ReactNode } from "react";
import { classNames } from "#shared/ui/class-names.ts";
import { type AnsiSpan, ansiSpans } from "./ansi-spans.ts";

type Hue = NonNullable<AnsiSpan["color"]>;

/** Readable on the surface and on each of the backgrounds below, in both themes. */
const COLORS: Record<Hue, string> = {
  red: "text-bad",
  green: "text-good",
  yellow: "text-warn",
  blue: "text-info",
  magenta: "text-[light-dark(#9a2a8e,#ea9be0)]",
  cyan: "text-[light-dark(#0a6b74,#62c8d2)]",
  plain: "text-text",
  grey: "text-text-muted",
};
/** Colour on colour cannot be trusted to be readable: text on a background is the ordinary text. */
const BACKGROUNDS: Record<Hue, string> = {
  red: "bg-bad-soft",
  green: "bg-good-soft",
  yellow: "bg-warn-soft",
  blue: "bg-[light-dark(#e2eefa,#16293b)]",
  magenta: "bg-[light-dark(#f9e6f7,#371a33)]",
  cyan: "bg-[light-dark(#def3f5,#122f32)]",
  plain: "bg-[light-dark(#dddbe6,#3a3848)]",
  grey: "bg-muted",
};

/** A message by its terminal colours, with what is searched for marked. Only ever text nodes. */
export const LogMessage = memo(function LogMessage({ text, q }: { text: string; q: string }) {
  return ansiSpans(text).map((span, index) => (
    <span key={index} className={lookOf(span)}>
      {marked(span.text, q)}
    </span>
  ));
});

function lookOf(span: AnsiSpan): string | undefined {
  const { color, background } = span;
  const look = classNames(
    background !== null ? `${BACKGROUNDS[background]} text-text` : color !== null && COLORS[color],
    span.isBold && "font-bold",
    span.isItalic && "italic",
    span.isUnderlined && "underline",
    span.isStruck && "line-through",
  );
  return look === "" ? undefined : look;
}

function marked(text: string, q: string): ReactNode {
  const wanted = q.toLowerCase();
  const lower = text.toLowerCase();
  // A few letters change their length with their case: the places would not fit.
  if (wanted === "" || lower.length !== text.length || !lower.includes(wanted)) return text;
  const parts: ReactNode[] = [];
  let end = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, end)) {
    parts.push(text.slice(end, at));
    end = at + wanted.length;
    parts.push(
      <mark key={at} className="rounded-sm bg-brand-soft text-text outline outline-brand">
        {text.slice(at, end)}
      </mark>,
    );
  }
  return [...parts, text.slice(end)];
}
