import { useFormatter } from "use-intl";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A length of time (milliseconds) in its two greatest units: "3d 4h", "5m 12s". */
export function useDurationText(): (ms: number) => string {
  const format = useFormatter();
  return (ms) => {
    let seconds = Math.max(0, Math.floor(ms / 1_000));
    const parts: string[] = [];
    for (const [unit, size] of UNITS) {
      const count = Math.floor(seconds / size);
      seconds -= count * size;
      const isLast = unit === "second" && parts.length === 0;
      if (count > 0 || isLast) parts.push(format.number(count, { style: "unit", unit, unitDisplay: "narrow" }));
      else if (parts.length > 0) break;
      if (parts.length === 2) break;
    }
    return parts.join(" ");
  };
}
