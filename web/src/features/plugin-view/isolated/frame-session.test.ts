import { afterEach, expect, spyOn, test } from "bun:test";
import type { PluginApi } from "@toru/page";
import { FrameSession, MAX_CALLS, MAX_MESSAGES_PER_SECOND } from "./frame-session.ts";
import type { FrameReport, PanelMessage } from "./messages.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A session, and the frame's end of it. */
function openSession(part: Partial<PluginApi>) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const reports: FrameReport[] = [];
  const visited: string[] = [];
  const toasts: string[] = [];
  const heard: PanelMessage[] = [];
  const api = {
    signal: new AbortController().signal,
    theme: { current: "light", subscribe: () => () => {} },
    subscribe: () => () => {},
    navigate: (path) => void visited.push(path),
    showToast: (message) => void toasts.push(message),
    ...part,
  } as PluginApi;
  const onReport = (report: FrameReport) => void reports.push(report);
  const session = new FrameSession({ id: "acme", port: port1, api, origin: "http://host", onReport });
  let wake = () => {};
  port2.addEventListener("message", ({ data }) => {
    heard.push(data as PanelMessage);
    wake();
  });
  port2.start();
  const answers = async (count: number) => {
    while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return heard;
  };
  return { session, send: (message: unknown) => port2.postMessage(message, []), answers, reports, visited, toasts };
}

const fetchOf = (id: number, path = "/x") => ({
  type: "fetch",
  id,
  path,
  method: "POST",
  headers: [["a", "b"]],
  body: null,
});

test("a fetch is the api's, with what the frame has asked for, and follows no redirect", async () => {
  const asked: unknown[] = [];
  const fetch = async (path: string, init?: RequestInit) => {
    asked.push(path, init?.method, init?.headers, init?.redirect);
    return new Response(null, { status: 204, headers: { "x-own": "1" } });
  };
  const { send, answers } = openSession({ fetch });
  send(fetchOf(5));
  expect(await answers(1)).toEqual([
    { type: "answer", id: 5, value: { status: 204, statusText: "", headers: [["x-own", "1"]], body: null } },
  ]);
  expect(asked).toEqual(["/x", "POST", [["a", "b"]], "manual"]);
});

test("an error is told by name, message and status", async () => {
  const get = async () => Promise.reject(Object.assign(new Error("no such key"), { status: 400 }));
  const { send, answers } = openSession({ kv: { get } as unknown as PluginApi["kv"] });
  send({ type: "kv", id: 1, action: "get", key: "k" });
  send({ type: "kv", id: 2, action: "list" });
  const heard = await answers(2);
  expect(heard).toContainEqual({
    type: "refusal",
    id: 1,
    error: { name: "Error", message: "no such key", status: 400 },
  });
  expect(heard).toContainEqual({
    type: "refusal",
    id: 2,
    error: { name: "TypeError", message: "query must be an object", status: null },
  });
});

test("four fetches are open at a time, a cancelled one makes room, and too many calls are refused", async () => {
  let open = 0;
  let most = 0;
  const fetch = async (_path: string, init?: RequestInit) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", reject));
    return new Response();
  };
  const { session, send, answers } = openSession({
    fetch: (path, init) =>
      fetch(path, init)
        .catch((error) => Promise.reject(error))
        .finally(() => (open -= 1)),
  });
  for (let id = 0; id <= MAX_CALLS; id += 1) send(fetchOf(id));
  expect(await answers(1)).toMatchObject([{ type: "refusal", id: MAX_CALLS }]);
  expect(open).toBe(4);
  for (let id = 0; id < MAX_CALLS; id += 1) send({ type: "cancel", id });
  expect(await answers(MAX_CALLS + 1)).toHaveLength(MAX_CALLS + 1);
  expect([open, most]).toEqual([0, 4]);
  session.close();
});

test("navigation ends at the plugin's own view", async () => {
  const warn = spyOn(console, "warn").mockImplementation(() => {});
  const { send, visited, answers } = openSession({ kv: { get: async () => null } as unknown as PluginApi["kv"] });
  for (const path of ["/account", "//evil.example", "disks"]) send({ type: "navigate", path });
  send({ type: "kv", id: 1, action: "get", key: "k" });
  await answers(1);
  expect(visited).toEqual(["/view/acme/disks"]);
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});

test("a flood ends the session; of many toasts a few show", async () => {
  const { send, reports, toasts } = openSession({});
  for (let n = 0; n <= MAX_MESSAGES_PER_SECOND; n += 1) send({ type: "toast", message: "x", kind: "info" });
  while (reports.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(reports).toMatchObject([
    { type: "failed", failure: { message: expect.stringContaining("messages in a second") } },
  ]);
  expect(toasts.length).toBeLessThanOrEqual(10);
});
