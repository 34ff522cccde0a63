import { join } from "node:path";

/** What wrk-report.lua prints; durations in microseconds. */
interface WrkReport {
  requests: number;
  duration: number;
  p50: number;
  p99: number;
  errors: Record<string, number>;
}

export interface WrkResult {
  requests: number;
  seconds: number;
  p50Us: number;
  p99Us: number;
}

/** Asks for one address, over and over, on so many connections. Throws where a single request failed. */
export async function wrk(url: string, cookie: string, connections: number, seconds: number): Promise<WrkResult> {
  const script = join(import.meta.dir, "wrk-report.lua");
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, "-H", `Cookie: ${cookie}`, url];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`wrk failed on ${url}:\n${output}`);
  return readReport(output, url);
}

/** Reads the last line of wrk's output, which wrk-report.lua has printed. */
export function readReport(output: string, url: string): WrkResult {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  const { requests, duration, p50, p99, errors } = JSON.parse(line) as WrkReport;
  const failed = Object.entries(errors).filter(([, count]) => count > 0);
  if (failed.length > 0 || requests === 0) {
    const counts = failed.map(([kind, count]) => `${kind} ${count}`).join(", ");
    throw new Error(
      `${requests} requests to ${url} were answered, and some failed (${counts}): this is no measurement`,
    );
  }
  return { requests, seconds: duration / 1e6, p50Us: p50, p99Us: p99 };
}
