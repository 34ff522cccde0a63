import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { rawRequest } from "./support/raw-request.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MAX_FRAME_BYTES = 256 * 1024;
const SLOW_CLIENTS = 200;
/** Bun waits 10 s for the head of a request, and looks every 4 s. */
const SLOW_LIMIT_MS = 40_000;

let host: TestHost;
let slow: SlowClient[];

/** Sends the head of a request a byte at a time, and never the end of it. */
class SlowClient {
  isClosed = false;
  readonly #socket: Socket;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1", () => this.#socket.write("GET /plugins/acme/x HTTP/1.1\r\nX-Slow: "));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => (this.isClosed = true));
    this.#timer = setInterval(() => this.#socket.write("a"), 500);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }
}

beforeAll(async () => {
  host = await TestHost.start({
    env: {
      TORU_MAX_FRAME_BYTES: String(MAX_FRAME_BYTES),
      TORU_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8",
      TORU_ALLOWED_HOSTS: "panel.example.org",
    },
    prepare: (host) => host.install("v2", "acme"),
  });
  slow = Array.from({ length: SLOW_CLIENTS }, () => new SlowClient(Number(new URL(host.url).port)));
  await host.reaches("acme", "running", "healthy");
});

afterAll(async () => {
  for (const client of slow) client.end();
  await host[Symbol.asyncDispose]();
});

/** All that comes back for these bytes, until the host closes the connection. */
function exchange(text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = "";
  const socket = connect(Number(new URL(host.url).port), "127.0.0.1", () => socket.write(text));
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.on("error", () => {});
  socket.on("close", () => resolve(received));
  return promise;
}

/** The request is the first of two; what is hidden behind it must not be taken for the second. */
function smuggle(headers: string, body: string): string {
  const own = `Host: ${new URL(host.url).host}\r\nCookie: ${host.cookie}\r\nOrigin: ${host.url}\r\n`;
  return `POST /plugins/acme/first HTTP/1.1\r\n${own}${headers}\r\n${body}`;
}

const HIDDEN = "GET /plugins/acme/hidden HTTP/1.1\r\nHost: x\r\n\r\n";
const CHUNKED = `0\r\n\r\n${HIDDEN}`;

describe("HTTP faults: a request whose length is not plain is refused, and its connection closed", () => {
  test.each([
    ["Content-Length with Transfer-Encoding", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", CHUNKED],
    ["Transfer-Encoding with Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNKED],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n", HIDDEN],
    ["a list of lengths", "Content-Length: 4, 5\r\n", HIDDEN],
    ["a length with a sign", "Content-Length: +4\r\n", HIDDEN],
    ["a negative length", "Content-Length: -4\r\n", HIDDEN],
    ["a length that is no number", "Content-Length: 0x4\r\n", HIDDEN],
    ["a length beyond all numbers", "Content-Length: 99999999999999999999\r\n", HIDDEN],
    ["an unknown coding", "Transfer-Encoding: xchunked\r\n", CHUNKED],
    ["two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", CHUNKED],
    ["a blank before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", CHUNKED],
    ["a folded line", "X-A: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNKED],
    ["a chunk without a length", "Transfer-Encoding: chunked\r\n", `zz\r\nab\r\n${CHUNKED}`],
    ["a chunk of an impossible length", "Transfer-Encoding: chunked\r\n", `fffffffffffffffff\r\nab\r\n${CHUNKED}`],
  ])("%s", async (_what, headers, body) => {
    const received = await exchange(smuggle(headers, body));
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
    expect(received).not.toContain("hidden");
  });

  test("one and the same length twice is that length, and bounded like it", async () => {
    const twice = (length: number) => `Content-Length: ${length}\r\nContent-Length: ${length}\r\nConnection: close\r\n`;
    const fits = await exchange(smuggle(twice(4), "body"));
    expect(fits).toStartWith("HTTP/1.1 200");
    const large = await exchange(smuggle(twice(MAX_FRAME_BYTES + 1), "x"));
    expect(large).toStartWith("HTTP/1.1 413");
  });

  test("two names of a host are none", async () => {
    const twice = `GET /plugins/acme/x HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n`;
    expect(await exchange(`${twice}Cookie: ${host.cookie}\r\n\r\n`)).toStartWith("HTTP/1.1 421");
  });
});

describe("HTTP faults: too much", () => {
  test.each([
    ["one header of 1 MiB", `X-A: ${"a".repeat(1024 * 1024)}\r\n`],
    ["20,000 headers", Array.from({ length: 20_000 }, (_, number) => `X-${number}: 1\r\n`).join("")],
    ["a header that never ends", `X-A: ${"a".repeat(64 * 1024)}`],
  ])("%s: 431, and the connection is closed", async (_what, headers) => {
    expect(await exchange(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`)).toStartWith("HTTP/1.1 431");
  });

  test("a chunked body that goes on beyond the frame is 413, and the plugin never sees it", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 16 * 1024;
        if (sent > 64 * MAX_FRAME_BYTES) controller.close();
        else controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const status = await host.fetch("/plugins/acme/x", { method: "POST", body }).then(
      (answer) => answer.status,
      () => "cut", // the client was still sending
    );
    expect(status).toBeOneOf([413, "cut"]);
    expect(sent).toBeLessThan(64 * MAX_FRAME_BYTES);
    expect(await host.plugin("acme")).toMatchObject({ status: "running", restarts: 0 });
  });
});

describe("HTTP faults: what proxies say", () => {
  async function arriving(headers: [string, string][]): Promise<Record<string, unknown>> {
    const own: [string, string][] = [
      ["Cookie", host.cookie],
      ["Host", "panel.example.org"],
    ];
    const { body } = await rawRequest(host.url, { path: "/plugins/acme/x", headers: [...own, ...headers] });
    return (JSON.parse(body.toString()) as { headers: Record<string, unknown> }).headers;
  }

  test("of a trusted one the plugin is told the right-most address that is no proxy, and the scheme", async () => {
    const told = await arriving([
      ["X-Forwarded-For", "203.0.113.9, 192.0.2.7"],
      ["X-Forwarded-For", "10.1.2.3"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Host", "evil.example"],
    ]);
    expect(told).toMatchObject({
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "panel.example.org",
    });
  });

  test("without a word of it the proxy is the client", async () => {
    expect(await arriving([])).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
  });
});

test(
  `${SLOW_CLIENTS} clients that send their request a byte at a time hold nobody up, and are sent away`,
  async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => host.fetch("/plugins/acme/x")));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    await until("they are sent away", () => slow.every(({ isClosed }) => isClosed), SLOW_LIMIT_MS);
  },
  SLOW_LIMIT_MS + 10_000,
);
