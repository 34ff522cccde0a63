import type { Account, Role, TokenScope } from "@toru/core";
import { createHttpHandler } from "../create-http-handler.ts";
import { webSocketHandlers, type WebSocketTunnel } from "../forward/web-socket-tunnel.ts";
import type { HttpHandler, HttpOptions } from "../http-options.ts";
import { hashPassword } from "../identity/password-hasher.ts";
import { API_TOKEN_PREFIX, hashSecret, newSecret } from "../identity/secret-token.ts";
import { createSetupGate } from "../identity/setup-gate.ts";
import { FakePlugins } from "./fake-plugins.ts";
import { MemoryAccounts } from "./memory-accounts.ts";
import { FakeResources } from "./fake-resources.ts";
import { MemoryLogs } from "./memory-logs.ts";
import { MemoryEvents, MemoryKv } from "./memory-stores.ts";

export const PASSWORD = "correct horse battery";
const HOUR_MS = 3_600_000;
let passwordHash: Promise<string> | null = null;

/** A host on a port of its own, with the users "admin" and "ada" (a user) unless told otherwise. */
export class TestHost implements AsyncDisposable {
  readonly plugins = new FakePlugins();
  readonly accounts = new MemoryAccounts();
  readonly kv = new MemoryKv();
  readonly events = new MemoryEvents();
  readonly logs = new MemoryLogs();
  readonly resources = new FakeResources();
  readonly setup = createSetupGate();
  readonly closing = new AbortController();
  readonly clock = { now: () => Date.now(), monotonic: () => performance.now() };
  readonly handler: HttpHandler;
  readonly #server: Bun.Server<WebSocketTunnel>;

  private constructor(overrides: Partial<HttpOptions>) {
    const options: HttpOptions = {
      plugins: this.plugins,
      accounts: this.accounts,
      kv: this.kv,
      events: this.events,
      logs: this.logs,
      resources: this.resources,
      setup: this.setup,
      closing: this.closing.signal,
      host: {
        version: "1.2.3",
        instanceId: "instance",
        url: "http://127.0.0.1:3000",
        pluginsDir: "/plugins",
        startedAt: performance.now(),
        clock: this.clock,
      },
      storage: { check: async () => {} },
      allowedHosts: ["h", "panel.example"],
      limits: { maxBodyBytes: Infinity, maxFrameBytes: 1024 * 1024, crashLimit: 10 },
      ...overrides,
    };
    this.handler = createHttpHandler(options);
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 30,
      websocket: webSocketHandlers,
      fetch: (request, server) => this.handler.fetch(request, server),
    });
  }

  static async start(overrides: Partial<HttpOptions> = {}, users: Record<string, Role> = USERS): Promise<TestHost> {
    const host = new TestHost(overrides);
    passwordHash ??= hashPassword(PASSWORD);
    for (const [username, role] of Object.entries(users)) {
      const account = { username, role, passwordHash: await passwordHash, createdAt: Date.now() };
      await host.accounts.createAccount(account);
    }
    return host;
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  /** Requests whose answer has not been sent whole. */
  get pendingRequests(): number {
    return this.#server.pendingRequests;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.origin + path, { redirect: "manual", ...init });
  }

  /** Through the control socket's door. */
  async local(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.handler.local(new Request(this.origin + path, init), this.#server);
    if (response === undefined) throw new Error(`${path} became a WebSocket`);
    return response;
  }

  /** Headers of a page of the panel where this user is signed in. */
  async session(username: string): Promise<{ cookie: string; origin: string }> {
    const secret = newSecret();
    const { id } = await this.#account(username);
    const session = { tokenHash: hashSecret(secret), accountId: id, createdAt: Date.now() };
    await this.accounts.createSession({ ...session, expiresAt: Date.now() + HOUR_MS });
    return { cookie: `toru_session=${secret}`, origin: this.origin };
  }

  async token(
    username: string,
    scope: TokenScope,
    expiresAt: number | null = null,
  ): Promise<{ authorization: string }> {
    const secret = API_TOKEN_PREFIX + newSecret();
    const { id } = await this.#account(username);
    const token = { name: "test", tokenHash: hashSecret(secret), accountId: id, scope };
    await this.accounts.createToken({ ...token, createdAt: Date.now(), expiresAt });
    return { authorization: `Bearer ${secret}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
    await this.#server.stop(true);
  }

  async #account(username: string): Promise<Account> {
    const account = await this.accounts.findAccount(username);
    if (account === null) throw new Error(`no account ${username}`);
    return account;
  }
}

const USERS: Record<string, Role> = { admin: "admin", ada: "user" };
