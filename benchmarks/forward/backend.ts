/**
 * The program behind both proxies, a plugin of the host: it answers the host's frames on the socket that the host
 * names, and plain HTTP/1.1 on `http.sock` in its data folder, from one process and with the same answers.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { answerTo } from "./answers.ts";
import { serveFrames } from "./serve-frames.ts";

const METADATA = { id: "bench", name: "Benchmark", version: "1.0.0", icon: "⏱️", route: "/bench", protocol: 2 };

if (process.argv.includes("--metadata")) {
  console.log(JSON.stringify(METADATA));
} else {
  serveFrames(setting("TORU_PLUGIN_SOCKET"));
  serveHttp(join(setting("TORU_PLUGIN_DATA_DIR"), "http.sock"));
  for await (const _ of Bun.stdin.stream()); // ends with the host
  process.exit(0);
}

function serveHttp(path: string): void {
  rmSync(path, { force: true });
  Bun.serve({
    unix: path,
    fetch(request) {
      const { status, contentType, body } = answerTo(new URL(request.url).pathname);
      return new Response(body, { status, headers: { "content-type": contentType } });
    },
  });
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this program is started by the host`);
  return value;
}
