import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownedProcess } from "./owned-process.ts";
import { freePort } from "./free-port.ts";
import type { Proxy } from "./proxy.ts";
import { until } from "./until.ts";

const START_LIMIT = { limitMs: 10_000, intervalMs: 20 };

/** Starts nginx with one worker before the backend's HTTP socket; everything that it writes is in `folder`. */
export async function startNginx(folder: string, backendSocket: string, parts: AsyncDisposableStack): Promise<Proxy> {
  await mkdir(folder);
  const port = freePort();
  await writeFile(join(folder, "nginx.conf"), configuration(port, backendSocket));
  const command = ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr"];
  const child = ownedProcess(parts, () => Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] }));
  const pid = await until("the worker of nginx", () => workerOf(child), START_LIMIT);
  return { name: "nginx", url: `http://127.0.0.1:${port}`, pid };
}

async function workerOf(master: Bun.Subprocess): Promise<number | null> {
  if (master.exitCode !== null) throw new Error(`nginx ended with code ${master.exitCode}; its message is above`);
  const children = await readFile(`/proc/${master.pid}/task/${master.pid}/children`, "utf8");
  const pid = Number(children.trim());
  return pid > 0 ? pid : null;
}

/**
 * What the host does too: connections are kept on both sides for as long as they are used, the headers that tell who asked
 * are set, answers stay in memory, nothing is written for a request.
 */
function configuration(port: number, backendSocket: string): string {
  const user = process.getuid?.() === 0 ? "user root;" : ""; // else the worker may not open the backend's socket
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
${user}
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path client-body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 1000000000;
  upstream backend {
    server unix:${backendSocket};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location /plugins/ {
      proxy_pass http://backend/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffers 8 16k;
      proxy_buffer_size 16k;
    }
  }
}
`;
}
