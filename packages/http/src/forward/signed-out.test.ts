import { expect, test } from "bun:test";
import { eventually } from "../testing/eventually.ts";
import { ok } from "../testing/fake-plugins.ts";
import { rawRequest } from "../testing/raw-client.ts";
import { TestHost } from "../testing/test-host.ts";

/** A stream that says one word and then waits; `stopped` is whether the plugin was told to stop. */
function endless(): { body: ReadableStream<Uint8Array>; stopped: () => boolean } {
  let isStopped = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from("word")),
    cancel: () => void (isStopped = true),
  });
  return { body, stopped: () => isStopped };
}

/** Ends where the answer ends, in whatever way; false where it goes on. */
async function ends(response: Response): Promise<boolean> {
  const reader = response.body?.getReader();
  const end = async () => {
    try {
      while ((await reader?.read())?.done === false);
    } catch {
      // cut off
    }
    return true;
  };
  return Promise.race([end(), Bun.sleep(5_000).then(() => false)]);
}

test("a plugin's streamed answer is cut when its session ends, and the plugin told to stop; others go on", async () => {
  await using host = await TestHost.start();
  const open = async (headers: Record<string, string>) => {
    const stream = endless();
    host.plugins.answer = () => ok({ body: stream.body });
    return { response: await host.fetch("/plugins/acme/x", { headers }), stopped: stream.stopped };
  };
  const leaving = await host.session("ada");
  const gone = await open(leaving);
  const other = await open(await host.session("ada"));
  expect((await host.fetch("/api/auth/logout", { method: "POST", headers: leaving })).status).toBe(204);
  expect(await ends(gone.response)).toBe(true);
  await eventually("the plugin is told", gone.stopped);
  expect(other.stopped()).toBe(false);
  await other.response.body?.cancel();
  await eventually("a reader that leaves is told to the plugin too", other.stopped);
});

test("a streamed answer ends with the token and with the account that opened it", async () => {
  await using host = await TestHost.start({ liveTimings: { recheckMs: 20 } });
  const stream = endless();
  host.plugins.answer = () => ok({ body: stream.body });
  const made = await host.fetch("/api/tokens", {
    method: "POST",
    headers: { ...(await host.session("ada")), "content-type": "application/json" },
    body: JSON.stringify({ name: "t", scope: "read", expires_in_days: 1 }),
  });
  const { token } = (await made.json()) as { token: string };
  const response = await host.fetch("/plugins/acme/x", { headers: { authorization: `Bearer ${token}` } });
  const ada = await host.accounts.findAccount("ada");
  await host.accounts.deleteAccount(ada?.id ?? 0); // by somebody else: this host is not told
  expect(await ends(response)).toBe(true);
  await eventually("the plugin is told", stream.stopped);
});

test("a streamed answer that ends by itself, or breaks, does so for the client as well", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  host.plugins.answer = () => ok({ body: new Blob(["a whole ", "answer"]).stream() });
  expect(await (await host.fetch("/plugins/acme/x", { headers })).text()).toBe("a whole answer");
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from("part")),
    pull: (controller) => controller.error(),
  });
  host.plugins.answer = () => ok({ body: broken });
  const text = `GET /plugins/acme/x HTTP/1.1\r\nHost: h\r\nCookie: ${headers.cookie}\r\n\r\n`;
  expect((await rawRequest(host.port, text)).body).not.toEndWith("0\r\n\r\n");
});
