import { useFormatter } from "use-intl";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEP = 1024;

interface BytesText {
  /** "71 MB" */
  one: (bytes: number) => string;
  /** What is used without its unit where both have the same: 3.1 of 8 GB. */
  pair: (used: number, total: number) => { used: string; total: string };
}

/** Amounts of memory, in steps of 1024 as machines are sold. */
export function useBytesText(): BytesText {
  const format = useFormatter();
  const numberOf = (bytes: number, power: number) => {
    const value = bytes / STEP ** power;
    return { value, maximumFractionDigits: power < 3 || value >= 100 ? 0 : 1 };
  };
  const withUnit = (bytes: number) => {
    const power = powerOf(bytes);
    const { value, maximumFractionDigits } = numberOf(bytes, power);
    return format.number(value, { style: "unit", unit: UNITS[power] ?? "byte", maximumFractionDigits });
  };
  const bare = (bytes: number, power: number) => {
    const { value, maximumFractionDigits } = numberOf(bytes, power);
    return format.number(value, { maximumFractionDigits });
  };
  return {
    one: withUnit,
    pair: (used, total) => {
      const power = powerOf(total);
      return { used: powerOf(used) === power ? bare(used, power) : withUnit(used), total: withUnit(total) };
    },
  };
}

function powerOf(bytes: number): number {
  const power = bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(STEP));
  return Math.min(power, UNITS.length - 1);
}
