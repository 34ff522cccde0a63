import { cpuSeconds } from "./process-figures.ts";
import type { Proxy } from "./proxy.ts";
import { wrk } from "./wrk.ts";

export interface LoadCase {
  path: string;
  connections: number;
}

const PATHS = ["/plugins/bench/small", "/plugins/bench/64k"];
const CONNECTIONS = [1, 32, 256];
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

export interface Round {
  host: Sample;
  nginx: Sample;
}

export interface LoadOptions {
  host: Proxy;
  nginx: Proxy;
  cookie: string;
  rounds: number;
  seconds: number;
}

/** Warms both up, then measures them one after the other, the order changing with every round. */
export async function measureCase({ path, connections }: LoadCase, options: LoadOptions): Promise<Round[]> {
  const { host, nginx, cookie, seconds } = options;
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
  await measure(nginx);
  await measure(host);
  const rounds: Round[] = [];
  for (let number = 0; number < options.rounds; number++) {
    const first = number % 2 === 0 ? host : nginx;
    const firstSample = await measure(first);
    const secondSample = await measure(first === host ? nginx : host);
    rounds.push(
      first === host ? { host: firstSample, nginx: secondSample } : { host: secondSample, nginx: firstSample },
    );
  }
  return rounds;
}

/** Throws where the two do not give the same bytes, of the expected length. */
export async function checkSameAnswers({ host, nginx, cookie }: LoadOptions): Promise<void> {
  for (const path of PATHS) {
    const [fromHost, fromNginx] = await Promise.all([answer(host, path, cookie), answer(nginx, path, cookie)]);
    if (!fromHost.body.equals(fromNginx.body) || fromHost.type !== fromNginx.type) {
      throw new Error(
        `${path} differs: the host gave ${fromHost.body.length} bytes of ${fromHost.type}, ` +
          `nginx ${fromNginx.body.length} bytes of ${fromNginx.type}`,
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
