import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { until } from "../until.fixture.ts";
import { StraySweep } from "./stray-sweep.ts";

/** A process with the marks of a plugin, past its exec. Ended when disposed. */
async function strayOf(instance: string, plugin: string): Promise<Bun.Subprocess> {
  const env = { PATH: "/usr/bin:/bin", TORU_INSTANCE_ID: instance, TORU_PLUGIN_ID: plugin };
  const child = Bun.spawn(["sleep", "1000"], { env, detached: true, stdio: ["ignore", "ignore", "ignore"] });
  await until("it has its environment", async () =>
    (await readFile(`/proc/${child.pid}/environ`, "latin1")).includes(`TORU_PLUGIN_ID=${plugin}\0`),
  );
  return child;
}

test("each that asks has its strays killed, also while a look is under way; who has given up has not", async () => {
  const instance = crypto.randomUUID();
  await using first = await strayOf(instance, "first");
  await using second = await strayOf(instance, "second");
  await using other = await strayOf(instance, "other");
  const sweep = new StraySweep(instance);
  const waiting = new AbortController().signal;
  const looks = [sweep.sweep("first", waiting)];
  await Promise.resolve(); // the look for the first has begun
  const givenUp = new AbortController();
  looks.push(sweep.sweep("second", waiting), sweep.sweep("other", givenUp.signal));
  givenUp.abort();
  await Promise.all(looks);
  await Promise.all([first.exited, second.exited]);
  expect([first.signalCode, second.signalCode]).toEqual(["SIGKILL", "SIGKILL"]);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});
