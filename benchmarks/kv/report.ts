import { rate, table } from "../forward/markdown.ts";
import { medianOf } from "../forward/statistics.ts";
import { KINDS, type Kind } from "./operations.ts";

/** How the storage is asked: by so many plugins, each with so many operations in flight; 0 plugins: SQLite itself. */
export interface Way {
  name: string;
  plugins: number;
  inFlight: number;
}

export interface Sample {
  kind: Kind;
  way: Way;
  perSecond: number;
  /** Of the slowest plugin. 0 where no plugin asks, as is what follows. */
  p50Us: number;
  p99Us: number;
  /** Of the host, for one operation. */
  cpuUs: number;
}

const DIRECT: Way = { name: "SQLite, one after another", plugins: 0, inFlight: 1 };
const DIRECT_TOGETHER: Way = { name: "SQLite, 64 in a transaction", plugins: 0, inFlight: 64 };
const ONE: Way = { name: "1 plugin, one at a time", plugins: 1, inFlight: 1 };
const MANY_IN_FLIGHT: Way = { name: "1 plugin, 64 in flight", plugins: 1, inFlight: 64 };
const CROWD: Way = { name: "20 plugins, one at a time", plugins: 20, inFlight: 1 };
const BUSY_CROWD: Way = { name: "20 plugins, 8 in flight each", plugins: 20, inFlight: 8 };

export const WAYS: readonly Way[] = [DIRECT, DIRECT_TOGETHER, ONE, MANY_IN_FLIGHT, CROWD, BUSY_CROWD];

/** The results as Markdown. */
export function report(samples: readonly Sample[]): string {
  const of = (kind: Kind, way: Way) => samples.filter((sample) => sample.kind === kind && sample.way === way);
  const rows = KINDS.flatMap((kind) =>
    WAYS.map((way) => {
      const found = of(kind, way);
      const rates = found.map(({ perSecond }) => perSecond);
      const ratios = rates.map((rate, index) => rate / (of(kind, DIRECT)[index]?.perSecond ?? Number.NaN));
      const latency = (which: "p50Us" | "p99Us") => medianOf(found.map((sample) => sample[which])).toFixed(0);
      const cpu = medianOf(found.map(({ cpuUs }) => cpuUs)).toFixed(0);
      return [
        kind,
        way.name,
        rate(rates),
        way === DIRECT ? "1" : medianOf(ratios).toFixed(2),
        way.plugins === 0 ? "" : `${latency("p50Us")} / ${latency("p99Us")}`,
        way.plugins === 0 ? "" : cpu,
      ];
    }),
  );
  const head = ["", "who asks, and how", "operations/s", "÷ SQLite", "p50 / p99, µs", "CPU µs of the host"];
  return table(head, rows);
}
