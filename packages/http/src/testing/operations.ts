import type { TestHost } from "./test-host.ts";
import { PASSWORD } from "./test-host.ts";

export interface Operation {
  who: "open" | "user" | "admin";
  /** The answer to whoever may use it. */
  status: number;
  body?: (host: TestHost) => object;
  /** Fills in the path; the plugin is "acme" and a user "nobody" where it says nothing. */
  path?: (host: TestHost, username: string) => Promise<string>;
  /** For the pages of the host alone, although it only reads. */
  isStream?: true;
}

const NEW_PASSWORD = "another good one";
const kv = () => ({ action: "get", key: "k" });
const user = (status = 200): Operation => ({ who: "user", status });
const admin = (status = 200): Operation => ({ who: "admin", status });
const open = (status = 200): Operation => ({ who: "open", status });

/** A token of this user, to delete. */
async function ownToken(host: TestHost, username: string): Promise<string> {
  await host.token(username, "read");
  const account = await host.accounts.findAccount(username);
  const [token] = (await host.accounts.listTokens(account?.id ?? 0)).toReversed();
  return `/api/tokens/${token?.id}`;
}

/** Every operation of the API with a request that succeeds for whoever may use it. A test compares it with the document. */
export const OPERATIONS: Record<string, Operation> = {
  "POST /api/auth/login": { ...open(), body: () => ({ username: "ada", password: PASSWORD }) },
  "POST /api/auth/logout": open(204),
  "POST /api/auth/setup": { ...open(409), body: ({ setup }) => ({ token: setup.token, password: PASSWORD }) },
  "GET /api/auth/me": user(),
  "POST /api/auth/password": {
    ...user(204),
    body: () => ({ current_password: PASSWORD, new_password: NEW_PASSWORD }),
  },
  "GET /api/users": admin(),
  "POST /api/users": { ...admin(201), body: () => ({ username: "new", password: PASSWORD, role: "user" }) },
  "DELETE /api/users/{username}": { ...admin(204), path: async () => "/api/users/ada" },
  "GET /api/tokens": user(),
  "POST /api/tokens": { ...user(201), body: () => ({ name: "new", scope: "read" }) },
  "DELETE /api/tokens/{id}": { ...user(204), path: ownToken },
  "GET /api/plugins": user(),
  "GET /api/plugins/{id}": user(),
  "POST /api/plugins/{id}/enable": admin(),
  "POST /api/plugins/{id}/disable": admin(),
  "POST /api/plugins/{id}/restart": admin(),
  "PUT /api/plugins/{id}/development": { ...admin(), body: () => ({ lease_ms: 0 }) },
  "GET /api/plugins/{id}/bundle.js": user(),
  "GET /api/plugins/{id}/logs": admin(),
  "GET /api/plugins/{id}/logs/stream": { ...admin(), isStream: true },
  "GET /api/plugins/{id}/logs/download": admin(),
  "GET /api/plugins/{id}/paths": admin(),
  "GET /api/plugins/{id}/events": admin(),
  "POST /api/plugins/{id}/kv": { ...user(), body: kv },
  "POST /api/plugins/{id}/handle-kv": { ...admin(), body: kv },
  "GET /api/plugin-events": admin(),
  "GET /api/events": { ...user(), isStream: true },
  "GET /api/resources": user(),
  "GET /api/host": user(),
  "GET /api/openapi.json": user(),
  "GET /healthz": open(),
  "GET /readyz": open(),
  "GET /metrics": admin(),
};

/** Paths of the plugins, which are no part of the document. */
export const PLUGIN_OPERATIONS: Record<string, Operation> = {
  "GET /plugins/acme/x": user(),
  "POST /plugins/acme/x": user(),
  "DELETE /plugins/acme/x": user(),
  "GET /api/plugins/route/acme/x": user(),
  "POST /api/plugins/route/acme/x": user(),
};
