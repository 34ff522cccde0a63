import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { ownedProcess } from "./owned-process.ts";
import type { Proxy } from "./proxy.ts";
import { until } from "./until.ts";

const START_LIMIT = { limitMs: 10_000, intervalMs: 20 };

/** Starts Caddy before the backend's HTTP socket, with as many threads as it likes; all that it writes is in `folder`. */
export async function startCaddy(folder: string, backendSocket: string, parts: AsyncDisposableStack): Promise<Proxy> {
  await mkdir(folder);
  const port = freePort();
  const file = join(folder, "Caddyfile");
  await writeFile(file, configuration(port, backendSocket));
  const command = ["caddy", "run", "--config", file, "--adapter", "caddyfile"];
  const env = { PATH: process.env["PATH"], HOME: folder };
  const child = ownedProcess(parts, () => Bun.spawn(command, { env, stdio: ["ignore", "inherit", "ignore"] }));
  const url = `http://127.0.0.1:${port}`;
  await until("Caddy", () => fetch(url).catch(() => null), START_LIMIT);
  return { name: "caddy", url, pid: child.pid };
}

/** It keeps its connections and sets `X-Forwarded-*` by itself. */
function configuration(port: number, backendSocket: string): string {
  return `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  handle_path /plugins/* {
    reverse_proxy unix/${backendSocket} {
      transport http {
        keepalive_idle_conns 1024
        keepalive_idle_conns_per_host 1024
      }
    }
  }
}
`;
}
