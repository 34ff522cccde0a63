import { FIRST_ADMIN, hashPassword } from "@toru/http";
import { openStorage } from "@toru/storage";
import type { Settings } from "../settings/settings.ts";
import { CliError } from "./cli-error.ts";
import type { Options } from "./program.ts";

const MIN_PASSWORD_CHARACTERS = 10;
/** Random bytes of a password that the host makes. */
const MADE_PASSWORD_BYTES = 15;

/** Works on the database itself: whoever may write that file may do this, whether the host runs or not. */
export async function resetPassword(settings: Settings, options: Options): Promise<void> {
  const username = String(options["username"]);
  const given = options["passwordStdin"] === true;
  const password = given ? (await Bun.stdin.text()).replace(/\r?\n$/, "") : makePassword();
  if (password.length < MIN_PASSWORD_CHARACTERS) {
    throw new CliError(`the password must have at least ${MIN_PASSWORD_CHARACTERS} characters; nothing was changed`);
  }
  await using stack = new AsyncDisposableStack();
  const storage = await openStorage(settings.databaseUrl);
  stack.defer(() => storage.close());
  const { accounts } = storage;
  const passwordHash = await hashPassword(password);
  const account = await accounts.findAccount(username);
  if (account !== null) await accounts.setPassword(account.id, passwordHash);
  else {
    const first =
      username === FIRST_ADMIN &&
      (await accounts.createFirstAccount({ username, role: "admin", passwordHash, createdAt: Date.now() }));
    if (first === false || first === null) throw new CliError(`there is no account ${username}; nothing was changed`);
  }
  console.error(`The password of ${username} is changed, and all sessions of that account have ended.`);
  if (!given) console.log(password);
}

function makePassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(MADE_PASSWORD_BYTES))).toString("base64url");
}
