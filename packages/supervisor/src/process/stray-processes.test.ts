import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { until } from "../until.fixture.ts";
import { killStrayProcesses } from "./stray-processes.ts";

/** A process with this environment, past its exec: before that it has none to be seen. Ended when disposed. */
async function sleeper(env: Record<string, string>): Promise<Bun.Subprocess> {
  const child = Bun.spawn(["sleep", "1000"], { env, detached: true, stdio: ["ignore", "ignore", "ignore"] });
  await until("it has its environment", async () =>
    (await readFile(`/proc/${child.pid}/environ`, "latin1")).includes("PATH=/usr/bin:/bin\0"),
  );
  return child;
}

function marks(instance: string, plugin: string): Record<string, string> {
  return { PATH: "/usr/bin:/bin", TORU_INSTANCE_ID: instance, TORU_PLUGIN_ID: plugin };
}

describe("killStrayProcesses", () => {
  test("kills the processes of its own host and reports their numbers", async () => {
    const instance = crypto.randomUUID();
    await using one = await sleeper(marks(instance, "acme"));
    await using other = await sleeper({ PATH: "/usr/bin:/bin", TORU_INSTANCE_ID: instance });
    const killed = await killStrayProcesses(instance);
    expect(new Set(killed)).toEqual(new Set([one.pid, other.pid]));
    await Promise.all([one.exited, other.exited]);
    expect(one.signalCode).toBe("SIGKILL");
    expect(await killStrayProcesses(instance)).toEqual([]);
  });

  test("with a plugin, kills that plugin's processes only", async () => {
    const instance = crypto.randomUUID();
    await using acme = await sleeper(marks(instance, "acme"));
    await using longer = await sleeper(marks(instance, "acme2"));
    await using metadata = await sleeper({ PATH: "/usr/bin:/bin", TORU_INSTANCE_ID: instance });
    expect(await killStrayProcesses(instance, new Set(["acme"]))).toEqual([acme.pid]);
    await acme.exited;
    expect([longer.exitCode, longer.signalCode, metadata.exitCode, metadata.signalCode]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test("never touches a stranger: another host's plugin, a mark in the arguments, or a longer or shorter mark", async () => {
    const instance = crypto.randomUUID();
    await using otherHost = await sleeper(marks(crypto.randomUUID(), "acme"));
    await using longer = await sleeper(marks(`${instance}x`, "acme"));
    await using shorter = await sleeper(marks(instance.slice(0, -1), "acme"));
    await using hidden = await sleeper({ PATH: "/usr/bin:/bin", NOTE: `x TORU_INSTANCE_ID=${instance}` });
    await using unmarked = await sleeper({ PATH: "/usr/bin:/bin" });
    expect(await killStrayProcesses(instance)).toEqual([]);
    for (const child of [otherHost, longer, shorter, hidden, unmarked]) {
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    }
  });

  test("never kills the process that asks, nor those that started it, whatever mark they carry", async () => {
    const instance = crypto.randomUUID();
    const script = `
      const { killStrayProcesses } = await import(${JSON.stringify(`${import.meta.dir}/stray-processes.ts`)});
      console.log(JSON.stringify(await killStrayProcesses(${JSON.stringify(instance)})));`;
    const command = [`"$0" -e "$1"; echo still here`, process.execPath, script];
    const shell = Bun.spawn(["sh", "-c", ...command], {
      env: { ...marks(instance, "acme"), PATH: process.env["PATH"] ?? "" },
      stdout: "pipe",
      stderr: "inherit",
      stdin: "ignore",
    });
    expect(await new Response(shell.stdout).text()).toBe("[]\nstill here\n");
    expect(await shell.exited).toBe(0);
  });
});
