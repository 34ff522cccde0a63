import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Cgroups } from "./cgroups.ts";

test("what a killed host has left in its cgroups is killed at its next start, whatever it has made of itself", async () => {
  const instance = crypto.randomUUID();
  const first = await Cgroups.open(instance);
  if (first === null) return console.warn("SKIPPED: this machine lets nobody like us make a cgroup");
  const cgroup = await first.make("acme", {});
  const join = ["/bin/sh", "-c", 'echo 0 > "$0" && exec "$@"', cgroup.procsFile];
  const child = Bun.spawn([...join, "setsid", "--fork", "--wait", "sleep", "1000"], { env: { PATH: "/usr/bin:/bin" } });
  const procs = async () => (await Bun.file(cgroup.procsFile).text()).trim().split("\n").filter(Boolean);
  while ((await procs()).length < 2) await Bun.sleep(10);
  await using second = await Cgroups.open(instance);
  await child.exited;
  expect(existsSync(cgroup.path)).toBe(false);
  await second?.[Symbol.asyncDispose]();
  expect(existsSync(dirname(cgroup.path))).toBe(false);
});
