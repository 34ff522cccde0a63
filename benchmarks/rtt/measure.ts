/** Measures one request at a time through the host and past it; run.mjs prepares what it needs. */
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeFrame, v2 } from "@toru/protocol";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds } from "../forward/process-figures.ts";
import { withResult } from "../forward/write-result.ts";
import { Client, type Question } from "../programs/client.ts";
import { compileRust } from "../programs/compile-rust.ts";
import { report, type Sample, type Way } from "./report.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
const PATH = "/small";

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "2" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-rtt-"));
parts.defer(() => rm(folder, { recursive: true, force: true }));
const machine = [
  ...describeHardware(),
  `${await outputOf([options.host, "--version"])}, Bun ${Bun.version}, ${await outputOf(["rustc", "--version"])}`,
];
await installPlugins();
const host = await BenchmarkedHost.start(options.host, folder, parts);
await host.allHealthy(["bench", "tiny"]);
const client = await Client.make(folder);
const ways = await allWays();
for (const way of ways) await client.ask(way.question, 1);
const rounds: Map<Way, Sample>[] = [];
for (let number = 0; number < Number(options.rounds); number += 1) {
  console.error(`— round ${number + 1}`);
  // Each way comes first, last and in between as often as the others.
  const order = ways.map((_, index) => ways[(index + number) % ways.length] as Way);
  const round = new Map<Way, Sample>();
  for (const way of order) round.set(way, await measure(way));
  rounds.push(round);
}
const markdown = report(machine, ways, rounds);
console.log(`\n${markdown}`);
if (options.write) await Bun.write(README, withResult(await Bun.file(README).text(), markdown));

async function measure(way: Way): Promise<Sample> {
  const before = await cpuSeconds(host.pid);
  const asked = await client.ask(way.question, Number(options.seconds));
  const hostUs = (((await cpuSeconds(host.pid)) - before) * 1e6) / asked.count;
  return { ...asked, hostUs };
}

/** The executables are made elsewhere and moved: the host watches its plugins folder. */
async function installPlugins(): Promise<void> {
  await mkdir(join(folder, "plugins"));
  const [bench, tiny] = [join(folder, "bench"), join(folder, "tiny")];
  const entry = join(import.meta.dir, "../forward/backend.ts");
  const built = await Bun.build({ entrypoints: [entry], compile: { outfile: bench } });
  if (!built.success)
    throw new Error(`the backend cannot be built:\n${built.logs.map(({ message }) => message).join("\n")}`);
  await compileRust("plugin", tiny);
  await rename(bench, join(folder, "plugins/bench.binary"));
  await rename(tiny, join(folder, "plugins/tiny.binary"));
}

async function allWays(): Promise<Way[]> {
  const echo = join(folder, "echo.sock");
  await client.echo(echo, parts);
  const socket = (id: string) => `unix:${join(folder, "run", `${id}.sock`)}`;
  const http = `GET /bench${PATH} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n`;
  const frames = (id: string): Promise<Question> =>
    client.question(`frames-${id}`, "frames", socket(id), requestFrame(`/${id}${PATH}`));
  const through = (id: string): Promise<Question> =>
    client.request(`host-${id}`, `${host.url}/plugins/${id}${PATH}`, host.cookie);
  const backend = `unix:${join(folder, "data/plugins/bench/http.sock")}`;
  return [
    {
      name: "bare echo of the frame, Unix socket",
      group: "bare",
      question: await client.question("echo", "frames", `unix:${echo}`, requestFrame(`/bench${PATH}`)),
    },
    {
      name: "plugin in Bun, plain HTTP on its Unix socket",
      group: "direct",
      question: await client.question("http", "http", backend, Buffer.from(http)),
    },
    { name: "plugin in Bun, frames on its socket", group: "direct", question: await frames("bench") },
    { name: "**host → plugin in Bun**", group: "host", question: await through("bench") },
    { name: "plugin in Rust, frames on its socket", group: "direct", question: await frames("tiny") },
    { name: "**host → plugin in Rust**", group: "host", question: await through("tiny") },
  ];
}

/** A request as the host writes it. */
function requestFrame(path: string): Uint8Array {
  const headers = { accept: "*/*", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" };
  const frame = encodeFrame(
    v2.envelope("http", v2.httpRequestPayload({ method: "GET", path, headers, body: null }, null), "1"),
  );
  if (frame === null) throw new Error("the request does not fit a frame");
  return frame;
}
