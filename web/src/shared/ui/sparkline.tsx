import { linesOf } from "./sparkline-lines.ts";
import { classNames } from "./class-names.ts";

const BOX = { width: 120, height: 28 } as const;

interface SparklineProps {
  /** Oldest first; null is a gap. */
  values: (number | null)[];
  /** The value of the upper edge; a greater one among the values moves it. Null: the greatest of them is. */
  max: number | null;
  /** Says the figures in words. */
  label: string;
  /** How many values fill the whole width: fewer stand at the right. Otherwise all that there are. */
  slots?: number;
  /** Its width, at least. */
  className?: string;
}

/** A small line over time, from zero. */
export function Sparkline({ values, max, label, slots = values.length, className = "w-20" }: SparklineProps) {
  const lines = linesOf(values, { ...BOX, slots, max: max ?? 0 });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${BOX.width} ${BOX.height}`}
      preserveAspectRatio="none"
      className={classNames("h-6 shrink-0 overflow-visible text-brand", className)}
    >
      <line
        x1="0"
        x2={BOX.width}
        y1={BOX.height}
        y2={BOX.height}
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      {lines.map(({ line, area }) => (
        <g key={line}>
          <path d={area} className="fill-current opacity-15" />
          <path
            d={line}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        </g>
      ))}
    </svg>
  );
}
