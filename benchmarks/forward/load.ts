import { cpuSeconds } from "./process-figures.ts";
import type { Proxy, ProxyName } from "./proxy.ts";
import { wrk } from "./wrk.ts";

export interface LoadCase {
  path: string;
  connections: number;
}

const PATHS = ["/plugins/bench/small", "/plugins/bench/64k"];
const CONNECTIONS = [1, 32, 256, 1024];
export const LOAD_CASES: readonly LoadCase[] = PATHS.flatMap((path) =>
  CONNECTIONS.map((connections) => ({ path, connections })),
);

/** One proxy in one round. */
export interface Sample {
  requestsPerSecond: number;
  p50Us: number;
  p99Us: number;
  /** Time of the proxy's own process on the processors, for one request. */
  cpuUs: number;
}

export type Round = Record<ProxyName, Sample>;

export interface LoadOptions {
  proxies: readonly Proxy[];
  cookie: string;
  rounds: number;
  seconds: number;
}

/** Warms all up, then measures them one after the other, each round beginning with the next of them. */
export async function measureCase({ path, connections }: LoadCase, options: LoadOptions): Promise<Round[]> {
  const { proxies, cookie, seconds } = options;
  const measure = async ({ url, pid }: Proxy): Promise<Sample> => {
    const cpuBefore = await cpuSeconds(pid);
    const result = await wrk(`${url}${path}`, cookie, connections, seconds);
    const cpu = (await cpuSeconds(pid)) - cpuBefore;
    return {
      requestsPerSecond: result.requests / result.seconds,
      p50Us: result.p50Us,
      p99Us: result.p99Us,
      cpuUs: (cpu * 1e6) / result.requests,
    };
  };
  for (const proxy of proxies) await measure(proxy);
  const rounds: Round[] = [];
  for (let number = 0; number < options.rounds; number++) {
    const first = number % proxies.length;
    const samples: [ProxyName, Sample][] = [];
    for (const proxy of [...proxies.slice(first), ...proxies.slice(0, first)]) {
      samples.push([proxy.name, await measure(proxy)]);
    }
    rounds.push(Object.fromEntries(samples) as Round);
  }
  return rounds;
}

/** Throws where they do not all give the same bytes, of the expected length. */
export async function checkSameAnswers({ proxies, cookie }: LoadOptions): Promise<void> {
  for (const path of PATHS) {
    const [expected, ...others] = await Promise.all(
      proxies.map(async (proxy) => ({ name: proxy.name, ...(await answer(proxy, path, cookie)) })),
    );
    for (const { name, body, type } of others) {
      if (expected === undefined || (body.equals(expected.body) && type === expected.type)) continue;
      throw new Error(
        `${path} differs: ${expected.name} gave ${expected.body.length} bytes of ${expected.type}, ` +
          `${name} ${body.length} bytes of ${type}`,
      );
    }
  }
}

async function answer(
  { name, url }: Proxy,
  path: string,
  cookie: string,
): Promise<{ body: Buffer; type: string | null }> {
  const response = await fetch(`${url}${path}`, { headers: { cookie } });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${name} answered ${path} with ${response.status}: ${body.toString()}`);
  return { body, type: response.headers.get("content-type") };
}
