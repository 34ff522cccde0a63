import { cpus, loadavg, release, totalmem } from "node:os";

/** What the figures were measured on and with, as lines of text. */
export async function describeMachine(hostVersion: string): Promise<string[]> {
  return [
    ...describeHardware(),
    `${hostVersion}, Bun ${Bun.version}, ${await nginxVersion()}, ${await caddyVersion()}, ${await wrkVersion()}`,
  ];
}

/** Day, load and hardware, at the time of the call. */
export function describeHardware(): string[] {
  const processors = cpus();
  const [lastMinute = 0] = loadavg();
  return [
    `${new Date().toISOString().slice(0, 10)}, load average ${lastMinute.toFixed(2)}`,
    `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}, ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}`,
  ];
}

export async function outputOf(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return `${stdout}${stderr}`.trim();
}

async function nginxVersion(): Promise<string> {
  return (await outputOf(["nginx", "-v"])).replace("nginx version: nginx/", "nginx ");
}

async function caddyVersion(): Promise<string> {
  return `Caddy ${await outputOf(["caddy", "version"])}`;
}

async function wrkVersion(): Promise<string> {
  return /^wrk \S+/.exec(await outputOf(["wrk", "-v"]))?.[0] ?? "wrk";
}
