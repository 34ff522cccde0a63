import { expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../until.fixture.ts";
import { ProcessGroup, startOf } from "./process-group.ts";

function spawn(...command: string[]): Bun.Subprocess<"ignore", "pipe", "ignore"> {
  return Bun.spawn(command, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
}

test("a stranger that has been given the number is never signalled, nor its group", async () => {
  await using stranger = spawn("sleep", "1000");
  const group = new ProcessGroup(stranger.pid);
  Object.assign(group, { start: 1 }); // of the process that had the number before
  group.signal("SIGKILL");
  group.killRest();
  await sleep(50);
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
});

test("the leader and its group are signalled while it lives, the rest of the group when it is gone", async () => {
  await using leader = spawn("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000");
  const group = new ProcessGroup(leader.pid);
  const { value } = await leader.stdout.getReader().read();
  const member = Number(new TextDecoder().decode(value));
  process.kill(leader.pid, "SIGKILL");
  await leader.exited;
  expect(startOf(member)).not.toBeNull();
  group.killRest();
  await until("the member is gone", () => startOf(member) === null);
});
