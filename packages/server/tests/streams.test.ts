import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { residentBytes } from "./support/process-facts.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MIB = 1024 * 1024;
/** Far more than a host keeps for other reasons; benchmarks/streams has the figures. */
const PASSED_BYTES = 192 * MIB;

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({
    env: { TORU_REQUEST_TIMEOUT_MS: "1500" },
    prepare: async (host) => {
      for (const id of ["acme", "mortal", "rude"]) await host.install("streams", id);
      await host.install("v1-direct", "legacy");
    },
  });
  for (const id of ["acme", "mortal", "rude", "legacy"]) await host.reaches(id, "running", "healthy");
});
afterAll(() => host[Symbol.asyncDispose]());

/** Reads what `/count` answers: how many bytes came, and whether each was the right one. */
async function counted(pieces: AsyncIterable<Uint8Array>): Promise<[number, boolean]> {
  let [total, isRight] = [0, true];
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 997) isRight &&= piece[at] === ((total + at) & 255);
    total += piece.length;
  }
  return [total, isRight];
}

/** `count` bytes in pieces, made as they are asked for; with `pauseMs` before each piece. */
function bytes(count: number, pauseMs = 0): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    async pull(controller) {
      if (pauseMs > 0) await Bun.sleep(pauseMs);
      const piece = new Uint8Array(Math.min(left, 64 * 1024)).fill(7);
      left -= piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

function post(path: string, body: BodyInit): Promise<Response> {
  return host.fetch(path, { method: "POST", body });
}

async function digestOf(count: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of bytes(count)) hash.update(piece);
  return hash.digest("hex");
}

async function stoppedBy(id = "acme"): Promise<number> {
  return (await host.json<{ stopped: number }>(`/plugins/${id}/stopped`)).stopped;
}

function cutOrComplete(answer: Response): Promise<string> {
  return answer.bytes().then(
    () => "complete",
    () => "cut",
  );
}

describe("Plugin Protocol: streams", () => {
  test("a large body arrives byte for byte; a small one travels inside of its request", async () => {
    const large = await (await post("/plugins/acme/digest", bytes(20 * MIB))).json();
    expect(large).toEqual({
      bytes: 20 * MIB,
      sha256: await digestOf(20 * MIB),
      aborted: false,
      streamed: true,
    });
    const small = await (await post("/plugins/acme/digest", "small")).json();
    expect(small).toMatchObject({ bytes: 5, streamed: false });
  });

  test("a large answer arrives byte for byte", async () => {
    const answer = await host.fetch(`/plugins/acme/count?bytes=${20 * MIB + 5}`);
    expect(await counted(answer.body ?? new ReadableStream())).toEqual([20 * MIB + 5, true]);
  });

  test("both directions at once: what is sent comes back while it is sent", async () => {
    const answer = await post("/plugins/acme/echo", bytes(5 * MIB));
    const received = createHash("sha256").update(await answer.bytes());
    expect(received.digest("hex")).toBe(await digestOf(5 * MIB));
  });

  test("events arrive one by one, when they are sent", async () => {
    const answer = await host.fetch("/plugins/acme/lines?count=5&ms=30");
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(await answer.text()).toBe("data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n");
  });

  test("frames without bytes change nothing", async () => {
    expect(await (await host.fetch("/plugins/acme/gaps?count=5")).text()).toBe("xxxxx");
  });

  test("an upload that takes longer than the time limit of an answer is no slow answer", async () => {
    // 64 KiB every 120 ms: 3 s in all, and the limit is 1.5 s.
    const answer = await post("/plugins/acme/digest", bytes(25 * 64 * 1024, 120));
    expect(await answer.json()).toMatchObject({ bytes: 25 * 64 * 1024, aborted: false });
  });

  test("a plugin that reads nothing of an upload and answers is heard", async () => {
    const answer = await post("/plugins/acme/ignore", bytes(MIB));
    expect([answer.status, await answer.json()]).toEqual([200, { streamed: true }]);
  });

  test("a plugin that has enough of an upload stops it", async () => {
    const answer = await post("/plugins/acme/first?bytes=100000", bytes(MIB));
    const { bytes: taken } = (await answer.json()) as { bytes: number };
    expect(taken).toBeGreaterThanOrEqual(100_000);
    expect(taken).toBeLessThan(MIB);
  });

  test("a client that goes away stops the plugin's stream", async () => {
    const before = await stoppedBy();
    const client = new AbortController();
    const answer = await host.fetch("/plugins/acme/hold", { signal: client.signal });
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: held\n\n");
    client.abort();
    await until("the plugin is told to stop", async () => (await stoppedBy()) > before);
  });

  test("a changed password cuts the streams of all sessions, both ways, and the plugin is told to stop", async () => {
    const user = { username: "ursula", password: "a user's own password", role: "user" };
    expect((await host.post("/api/users", user)).status).toBe(201);
    const login = await fetch(`${host.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: host.url },
      body: JSON.stringify(user),
    });
    const cookie = (login.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    const before = await stoppedBy();
    const answer = await host.fetch("/plugins/acme/hold", { headers: { cookie } });
    const upload = host.fetch("/plugins/acme/digest", {
      method: "POST",
      body: bytes(1000 * 64 * 1024, 50),
      headers: { cookie },
    });
    const json = { cookie, "content-type": "application/json" };
    const body = JSON.stringify({ current_password: user.password, new_password: "another password" });
    expect((await host.fetch("/api/auth/password", { method: "POST", headers: json, body })).status).toBe(204);
    expect(await cutOrComplete(answer)).toBe("cut");
    expect(
      await upload.then(
        ({ status }) => status,
        () => "cut",
      ),
    ).toBeOneOf([401, "cut"]);
    await until("the plugin is told to stop", async () => (await stoppedBy()) > before);
  });

  test("a reader that stops holds up its own stream, and no other of the same plugin; and can go on", async () => {
    const count = async (total: number) =>
      (await host.fetch(`/plugins/acme/count?bytes=${total}`)).body ?? new ReadableStream();
    const stalled = await count(20 * MIB);
    const others = await Promise.all(Array.from({ length: 8 }, async () => counted(await count(MIB))));
    expect(others).toEqual(Array.from({ length: 8 }, () => [MIB, true]));
    expect(await host.json<object>("/plugins/acme/inline")).toEqual({ inline: true });
    expect(await counted(stalled)).toEqual([20 * MIB, true]);
  });

  test("the memory of the host does not follow what passes through it", async () => {
    await (await host.fetch(`/plugins/acme/count?bytes=${16 * MIB}`)).bytes();
    const before = await residentBytes(host.pid);
    let most = 0;
    const answer = await post("/plugins/acme/echo", bytes(PASSED_BYTES));
    let total = 0;
    for await (const piece of answer.body ?? []) {
      if (total % (16 * MIB) < piece.length) most = Math.max(most, await residentBytes(host.pid));
      total += piece.length;
    }
    expect(total).toBe(PASSED_BYTES);
    expect(most - before).toBeLessThan(PASSED_BYTES / 2);
  });

  test("a status without a body, and HEAD, stop the stream behind them", async () => {
    const before = await stoppedBy();
    expect((await host.fetch("/plugins/acme/status/204")).status).toBe(204);
    await until("the stream is stopped", async () => (await stoppedBy()) > before);
    const head = await host.fetch("/plugins/acme/count?bytes=1000000", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test.each(["die?bytes=100000", "abort?bytes=100000"])(
    "an answer that ends too early (%s) is cut, never completed",
    async (path) => {
      const { pid } = await host.reaches("mortal", "running", "healthy");
      const answer = await host.fetch(`/plugins/mortal/${path}`);
      expect(answer.status).toBe(200);
      expect(await cutOrComplete(answer)).toBe("cut");
      if (path.startsWith("die"))
        await until("it runs again", async () => {
          const plugin = await host.plugin("mortal");
          return plugin !== null && plugin.pid !== null && plugin.pid !== pid && plugin.health === "healthy";
        });
    },
  );

  test("a plugin that sends more than it was granted breaks the protocol", async () => {
    const answer = await host.fetch("/plugins/rude/overrun");
    const line = await until("the fault is logged", async () => {
      const log = await host.log("plugin-supervisor.log");
      return log.find((entry) => String(entry["message"]).includes("stream_window")) ?? null;
    });
    expect(line["plugin"]).toBe("rude");
    expect(await cutOrComplete(answer)).toBe("cut");
  });

  test("a plugin of version 1 gets its bodies whole, as ever", async () => {
    const answer = await post("/plugins/legacy/echo", "x".repeat(200_000));
    expect(answer.status).toBe(200);
  });
});

test("TORU_MAX_BODY_BYTES bounds what is streamed, announced or not", async () => {
  await using bounded = await TestHost.start({
    env: { TORU_MAX_BODY_BYTES: String(MIB) },
    prepare: (host) => host.install("streams", "acme"),
  });
  await bounded.reaches("acme", "running", "healthy");
  const send = (body: BodyInit) => bounded.fetch("/plugins/acme/digest", { method: "POST", body });
  expect(await (await send(bytes(MIB))).json()).toMatchObject({ bytes: MIB, aborted: false });
  for (const body of [new Uint8Array(MIB + 1), bytes(MIB + 1)]) {
    const answer = await send(body);
    expect([answer.status, await answer.json()]).toMatchObject([413, { detail: expect.stringContaining("1048576") }]);
  }
});
