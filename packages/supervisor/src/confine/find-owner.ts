import { StartFault } from "../process/start-fault.ts";
import { within } from "../process/within.ts";
import type { Owner } from "./plan-launch.ts";

/** How long the machine may take to say who a user is: it may have to ask a directory in the network. */
const LOOK_UP_MS = 5_000;

/** Who a plugin is to run as. Throws a StartFault where that cannot be. */
export async function findOwner(user: string | null, limitMs = LOOK_UP_MS): Promise<Owner | null> {
  if (user === null) return null;
  const refuse = (why: string) =>
    new StartFault(`it cannot be run (as the user ${user} of its settings: ${why})`, "file");
  if (process.getuid?.() !== 0) throw refuse("only a host that runs as root can do that");
  if (Bun.which("setpriv") === null) throw refuse("setpriv of util-linux is not installed");
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) };
  const getent = Bun.which("getent", { PATH: process.env["PATH"] ?? "" });
  if (getent === null) throw refuse("getent is not installed; name the user by its number");
  const child = Bun.spawn([getent, "passwd", user], { stdio: ["ignore", "pipe", "ignore"] });
  const answer = await within(new Response(child.stdout).text(), limitMs);
  if (answer === null) {
    child.kill("SIGKILL");
    const why = `the machine did not say within ${limitMs / 1000} s who the user ${user} of its settings is`;
    throw new StartFault(`the host could not start it (${why}; getent passwd ${user} must answer)`, "host");
  }
  const [, , uid, gid] = answer.split(":");
  if (uid === undefined || gid === undefined) throw refuse("there is no such user on this machine");
  return { uid: Number(uid), gid: Number(gid) };
}
