import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RUNTIMES, until } from "./built-plugin.fixture.ts";
import { fault, messages, seen, sees, StreamsPlugin, text } from "./streams-plugin.fixture.ts";

let built: StreamsPlugin;
beforeAll(async () => {
  built = await StreamsPlugin.build();
});
afterAll(() => built[Symbol.asyncDispose]());

describe.each([...RUNTIMES])("WebSockets of a built plugin on %s", (runtime) => {
  const start = () => built.start(runtime);

  test("messages go both ways, text as text and bytes as bytes, in order", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/talk");
    const sent = ["żółw", new Uint8Array([0, 255, 128]), "", new Uint8Array(), "x".repeat(128 * 1024)];
    const numbers = Array.from({ length: 200 }, (_, number) => String(number));
    for (const message of [...sent, ...numbers]) await socket.send(message);
    for (const message of [...sent, ...numbers]) expect((await socket.messages.next()).value).toEqual(message);
    socket.close();
    await sees(plugin, "talk ended");
    expect(messages(plugin)).toEqual([]);
  });

  test("the plugin chooses a subprotocol, and closes", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/talk", { protocols: ["one", "two"] });
    expect(socket.protocol).toBe("two");
    await socket.send("protocol");
    expect((await socket.messages.next()).value).toBe("two");
    await socket.send("close");
    expect((await socket.messages.next()).done).toBe(true);
    expect(await fault(socket.send("late"))).toContain("AbortError");
    const closing = await plugin.webSocket("/closes");
    const first: unknown[] = [];
    for await (const message of closing.messages) first.push(message[0]);
    expect(first).toEqual([0, 1, 2, 3, 4, 5, 6, 7]); // what was sent before the close
    await sees(plugin, "AbortError: the WebSocket is closed");
  });

  test("a handler that fails closes with an abort and is logged", async () => {
    await using plugin = await start();
    const sender = plugin.link.openStream();
    const asked = { method: "GET", path: "/talk", headers: {}, upgrade: "websocket", stream: sender.id };
    const { incoming } = await plugin.link.exchange("http", asked);
    await sender.sendMessage(Buffer.from("fail"), true);
    expect(await fault(incoming?.next() ?? Promise.resolve())).toContain("what came is not all");
    await until("it is logged", () => plugin.logs.length > 0);
    expect(plugin.logs.at(-1)).toMatchObject({ level: "error", message: "The WebSocket /talk failed" });
    expect(plugin.logs.at(-1)?.error).toContain("told to fail");
  });

  test("a client that goes away aborts the signal, also of a handler that reads nothing", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/pushes");
    expect((await socket.messages.next()).value).toBe("pushed");
    socket.close();
    await sees(plugin, "pushes was aborted: AbortError: the client has gone");
    expect(await text(plugin, "/ignore")).toBe("not read");
    expect(messages(plugin)).toEqual([]);
  });

  test("a slow reader slows the sender down, in both directions", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/flood?count=1000");
    const sentTens = async () => (await seen(plugin)).filter((line) => line === "sent ten").length;
    await until("the window is used up", async () => (await sentTens()) >= 2);
    expect(await sentTens()).toBeLessThan(5); // 256 KiB are 26 messages
    let count = 0;
    for await (const message of socket.messages) expect(message[0]).toBe(count++ % 256);
    expect(count).toBe(1000);
    const deaf = await plugin.webSocket("/deaf");
    let accepted = 0;
    const sending = (async () => {
      for (; accepted < 10; accepted += 1) await deaf.send(new Uint8Array(100_000));
    })();
    await until("the window is used up", () => accepted === 2);
    expect(await text(plugin, "/ignore")).toBe("not read");
    expect(accepted).toBe(2);
    await plugin.fetch("/open");
    await sending;
    let last: unknown;
    while (last !== "1000000") last = (await deaf.messages.next()).value;
  });

  test("at shutdown no more messages come; those that have come are answered, and the socket is closed", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/slow-talk");
    await socket.send("at hand");
    await sees(plugin, "slow-talk is at it");
    const opened = plugin.fetch("/stopping");
    await until("it is in", async () => (await seen(plugin)).includes("stopping is in"));
    const stopped = plugin.stop(60_000);
    await opened;
    expect((await socket.messages.next()).value).toBe("at hand");
    expect((await socket.messages.next()).done).toBe(true);
    expect(await stopped).toBe(0);
  });

  test("what is too long, or too much without waiting, is refused by a RangeError", async () => {
    await using plugin = await start();
    const socket = await plugin.webSocket("/limits");
    const received: (string | Uint8Array)[] = [];
    for await (const message of socket.messages) received.push(message);
    const reasons = JSON.parse(String(received.at(-1))) as string[];
    expect(reasons[0]).toContain("RangeError: the message has 131073 bytes; a WebSocket carries at most 131072");
    expect(reasons[1]).toContain("await each send");
    expect(received.length + reasons.length).toBe(22); // twenty and two
  });

  test("refused by any other answer; an address for sockets answers 426 to a request that asks for none", async () => {
    await using plugin = await start();
    expect(await fault(plugin.webSocket("/refuse"))).toContain("403");
    expect(await fault(plugin.webSocket("/none"))).toContain("404");
    expect(await fault(plugin.webSocket("/no-protocol", { protocols: ["chat"] }))).toContain("internal");
    expect(plugin.logs.at(-1)?.error).toContain('the client does not offer the subprotocol "unheard-of", but "chat"');
    const answer = await plugin.fetch("/talk", { headers: { upgrade: "websocket", "sec-websocket-key": "mine" } });
    expect([answer.status, await answer.text()]).toEqual([426, "A WebSocket is spoken here.\n"]);
  });
});
