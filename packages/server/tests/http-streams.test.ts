import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rawRequest } from "./support/raw-request.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      for (const id of ["acme", "mortal"]) await host.install("streams", id);
    },
  });
  for (const id of ["acme", "mortal"]) await host.reaches(id, "running", "healthy");
});
afterAll(() => host[Symbol.asyncDispose]());

interface Counts {
  stopped: number;
  cancelled: number;
  received: number;
}

function counts(): Promise<Counts> {
  return host.json<Counts>("/plugins/acme/stopped");
}

/** The head of a request to the plugin `acme`, as the signed-in admin. */
function head(method: string, path: string, ...more: string[]): string {
  const own = [`Host: ${new URL(host.url).host}`, `Cookie: ${host.cookie}`, `Origin: ${host.url}`];
  return [`${method} /plugins/${path} HTTP/1.1`, ...own, ...more, "", ""].join("\r\n");
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  streamed: boolean;
}

/** The path that is answered so. */
function answering({ status = 200, headers = {}, body = "", streamed }: Answer): string {
  const query = {
    status: String(status),
    headers: JSON.stringify(headers),
    body: Buffer.from(body).toString("base64"),
    streamed: streamed ? "yes" : "no",
  };
  return `acme/answer?${String(new URLSearchParams(query))}`;
}

describe("Plugin Protocol: streams as HTTP has them", () => {
  test("fields behind a body in chunks are never headers, and end the connection", async () => {
    using client = await RawConnection.open(host.url);
    const chunks = "5\r\nhello\r\n0\r\nAuthorization: Bearer x\r\nX-Late: 1\r\n\r\n";
    const next = head("GET", "acme/inline");
    client.send(head("POST", "acme/digest", "Transfer-Encoding: chunked", "Trailer: X-Late") + chunks + next);
    const received = await client.closes();
    // Bun (1.4) refuses them instead of leaving them out; the next request on the connection is not read.
    expect(received).toContain("HTTP/1.1 400 Bad Request");
    expect(received).not.toContain('"inline"');
    expect(await host.json<object>("/plugins/acme/inline")).toEqual({ inline: true });
  });

  test("a client that waits for 100 Continue gets it, and the plugin the body", async () => {
    using client = await RawConnection.open(host.url);
    const body = Buffer.alloc(100_000, "x");
    client.send(head("POST", "acme/digest", `Content-Length: ${body.length}`, "Expect: 100-continue"));
    await client.receives("HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body);
    expect(await client.receives('"aborted"')).toMatch(/100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n[^]*"bytes": ?100000/);
  });

  // HTTP leaves it to the server; Bun (1.4) has no setting for it.
  test("a client that closes its writing side before the answer has gone: the plugin is told", async () => {
    const before = await counts();
    using client = await RawConnection.open(host.url);
    client.send(head("GET", "acme/wait"));
    client.finish();
    expect(await client.closes()).toBe("");
    await until("the request is cancelled", async () => (await counts()).cancelled > before.cancelled);
  });

  test.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ])("%s and the status %i have no body, streamed or not, and the connection goes on", async (method, status) => {
    for (const streamed of [true, false]) {
      using client = await RawConnection.open(host.url);
      const headers = { etag: '"1"', "content-type": "text/plain" };
      client.send(head(method, answering({ status, headers, body: "nobody reads this", streamed })));
      await client.receives("\r\n\r\n");
      client.send(head("GET", "acme/inline"));
      const received = await client.receives('{"inline": true}');
      const [first = "", second = ""] = received.split("\r\n\r\n");
      expect(first).toStartWith(`HTTP/1.1 ${status} `);
      expect(first.toLowerCase()).toContain('etag: "1"');
      expect(second).toStartWith("HTTP/1.1 200 OK");
    }
  });

  test.each([true, false])("ranges and encodings stay what the plugin says (streamed: %p)", async (streamed) => {
    const gzipped = Bun.gzipSync(Buffer.from("tortoise ".repeat(1000)));
    const said = {
      "content-encoding": "gzip",
      "content-range": "bytes 0-99/1000",
      "content-type": "text/plain",
      "accept-ranges": "bytes",
      etag: 'W/"2"',
      trailer: "x-sum",
      vary: "accept-encoding",
    };
    const asked = {
      range: "bytes=0-99",
      "if-range": '"2"',
      "if-none-match": 'W/"1"',
      "accept-encoding": "br;q=1, gzip;q=0.5",
    };
    const answer = await rawRequest(host.url, {
      path: `/plugins/${answering({ status: 206, headers: said, body: gzipped, streamed })}`,
      headers: [["Cookie", host.cookie], ...Object.entries(asked)],
    });
    const headers = Object.fromEntries(answer.headers);
    const { trailer: _, ...kept } = said;
    expect(answer.status).toBe(206);
    expect(headers).toMatchObject(kept);
    expect(headers).not.toHaveProperty("trailer");
    expect(JSON.parse(headers["x-asked"] ?? "")).toMatchObject(asked);
    expect(answer.body.equals(gzipped)).toBe(true);
  });

  test("a plugin that dies behind the head of its answer: no last chunk comes", async () => {
    const { pid } = await host.reaches("mortal", "running", "healthy");
    using client = await RawConnection.open(host.url);
    client.send(head("GET", "mortal/die?bytes=1000"));
    const received = await client.closes();
    expect(received).toContain("Transfer-Encoding: chunked");
    expect(received).toContain("x".repeat(1000));
    expect(received).not.toContain("\r\n0\r\n");
    await restarted(pid);
  });

  test.each([0, 200_000])("a request of %i bytes that killed the plugin is 502, and not sent again", async (length) => {
    const before = await asked();
    const { pid } = await host.reaches("mortal", "running", "healthy");
    const request = host.fetch("/plugins/mortal/last-words", { method: "POST", body: "x".repeat(length) });
    expect((await request).status).toBe(502);
    await restarted(pid);
    expect(await asked()).toBe(before + 1);
  });

  test("a client that goes away in the middle of an upload: the handler is cancelled", async () => {
    const before = await counts();
    const client = await RawConnection.open(host.url);
    client.send(head("POST", "acme/wait", "Content-Length: 1000000"));
    client.send(Buffer.alloc(100_000));
    await until("some of it has come", async () => (await counts()).received >= before.received + 100_000);
    client[Symbol.dispose]();
    await until("the request is cancelled", async () => (await counts()).cancelled > before.cancelled);
  });

  test("a client that goes away in the middle of a download: the stream is stopped", async () => {
    const before = await counts();
    const client = await RawConnection.open(host.url);
    client.send(head("GET", "acme/count?bytes=1000000000"));
    await client.receives("\x00\x01\x02\x03");
    client[Symbol.dispose]();
    await until("the stream is stopped", async () => (await counts()).stopped > before.stopped);
  });
});

/** How many requests the plugin `mortal` has got that killed it. */
async function asked(): Promise<number> {
  const answer = await host.fetch("/plugins/mortal/asked");
  return ((await answer.json()) as { asked: number }).asked;
}

/** Waits until the plugin `mortal` runs in another process than this one. */
async function restarted(pid: number | null): Promise<void> {
  await until("the plugin runs again", async () => {
    const plugin = await host.plugin("mortal");
    return plugin !== null && plugin.pid !== null && plugin.pid !== pid && plugin.health === "healthy";
  });
}
