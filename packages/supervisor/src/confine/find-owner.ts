import { StartFault } from "../process/start-fault.ts";
import type { Owner } from "./plan-launch.ts";

/** Who a plugin is to run as. Throws a StartFault where that cannot be. */
export async function findOwner(user: string | null): Promise<Owner | null> {
  if (user === null) return null;
  const refuse = (why: string) =>
    new StartFault(`it cannot be run (as the user ${user} of its settings: ${why})`, "file");
  if (process.getuid?.() !== 0) throw refuse("only a host that runs as root can do that");
  if (Bun.which("setpriv") === null) throw refuse("setpriv of util-linux is not installed");
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) };
  const child = Bun.spawn(["getent", "passwd", user], { stdio: ["ignore", "pipe", "ignore"] });
  const [, , uid, gid] = (await new Response(child.stdout).text()).split(":");
  if (uid === undefined || gid === undefined) throw refuse("there is no such user on this machine");
  return { uid: Number(uid), gid: Number(gid) };
}
