interface Box {
  width: number;
  height: number;
  slots: number;
  max: number;
}

/** SVG paths of each stretch without a gap: the line, and what is under it. */
export function linesOf(
  values: (number | null)[],
  { width, height, slots, max }: Box,
): { line: string; area: string }[] {
  const top = Math.max(max, ...values.map((value) => value ?? 0));
  const step = width / Math.max(1, slots - 1);
  const offset = width - (values.length - 1) * step;
  return stretchesOf(values).map(({ start, numbers }) => {
    const points = numbers.map((value, index) => {
      const y = height - (top === 0 ? 0 : value / top) * height;
      return `${round(offset + (start + index) * step)} ${round(y)}`;
    });
    const [first = ""] = points;
    // A point alone is a line back to itself, which round ends make visible.
    const line = `M${(points.length === 1 ? [first, first] : points).join("L")}`;
    const left = round(offset + start * step);
    const right = round(offset + (start + numbers.length - 1) * step);
    return { line, area: `${line}L${right} ${height}L${left} ${height}Z` };
  });
}

function stretchesOf(values: (number | null)[]): { start: number; numbers: number[] }[] {
  const stretches: { start: number; numbers: number[] }[] = [];
  let numbers: number[] | null = null;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      numbers = null;
    } else if (numbers === null) {
      numbers = [value];
      stretches.push({ start: index, numbers });
    } else {
      numbers.push(value);
    }
  }
  return stretches;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
