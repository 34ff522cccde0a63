import { expect, test } from "bun:test";
import { renderMetrics } from "./prometheus.ts";

test("labels and help are escaped, values are those of Prometheus", () => {
  const labels = { plugin: 'a"b\\c\nd' };
  const samples = [{ labels, value: 1 }, { value: Number.NaN }, { value: -Infinity }, { value: 0.5 }];
  const text = renderMetrics([{ name: "x_total", help: 'back\\slash\nand "quote"', type: "counter", samples }]);
  expect(text).toBe(
    [
      '# HELP x_total back\\\\slash\\nand "quote"',
      "# TYPE x_total counter",
      'x_total{plugin="a\\"b\\\\c\\nd"} 1',
      "x_total NaN",
      "x_total -Inf",
      "x_total 0.5",
      "",
    ].join("\n"),
  );
});
