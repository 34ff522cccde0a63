import { access, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { until } from "../forward/until.ts";
import type { Plugin } from "./crowds.ts";

const LISTEN_LIMIT = { limitMs: 60_000, intervalMs: 1 };

/**
 * The same processes without a host: every program is asked for its metadata, then started until it listens, as many at a time as there
 * are processors. Milliseconds until the last one listens.
 */
export async function bareStart(folder: string, plugins: readonly Plugin[]): Promise<number> {
  const startedAt = performance.now();
  await eachOf(plugins, async ({ id }) => {
    await Bun.spawn([fileOf(folder, id), "--metadata"], { stdio: ["ignore", "pipe", "pipe"] }).exited;
  });
  await using children = new AsyncDisposableStack();
  await eachOf(plugins, async ({ id }) => {
    const data = join(folder, "data", id);
    const socket = join(folder, `${id}.sock`);
    await mkdir(data, { recursive: true });
    const child = Bun.spawn([fileOf(folder, id)], {
      cwd: data,
      env: { PATH: process.env["PATH"], TORU_PLUGIN_SOCKET: socket, TORU_PLUGIN_ID: id, TORU_PLUGIN_DATA_DIR: data },
      stdio: ["pipe", "pipe", "pipe"],
    });
    children.defer(async () => {
      child.kill("SIGKILL");
      await child.exited;
    });
    await until(`the socket of ${id}`, async () => isThere(socket), LISTEN_LIMIT);
  });
  return performance.now() - startedAt;
}

function fileOf(folder: string, id: string): string {
  return join(folder, "plugins", `${id}.binary`);
}

async function eachOf(plugins: readonly Plugin[], task: (plugin: Plugin) => Promise<void>): Promise<void> {
  const waiting = [...plugins];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await task(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function isThere(path: string): Promise<true | null> {
  return access(path).then(
    () => true,
    () => null,
  );
}
