import type { AccountStore, Clock } from "@toru/core";
import { FIRST_ADMIN, hashPassword } from "@toru/http";

/** Creates the first admin where a password is given. Returns whether there is still no account at all. */
export async function createAdmin(accounts: AccountStore, password: string | null, clock: Clock): Promise<boolean> {
  if ((await accounts.countAccounts()) > 0) return false;
  if (password === null) return true;
  const passwordHash = await hashPassword(password);
  await accounts.createFirstAccount({ username: FIRST_ADMIN, role: "admin", passwordHash, createdAt: clock.now() });
  return false;
}
