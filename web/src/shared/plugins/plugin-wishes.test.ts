import { expect, test } from "bun:test";
import { PluginWishes, withWishes } from "./plugin-wishes.ts";
import { installedPlugin, invalidPlugin } from "./panel-plugin.fixture.ts";

/** A host that answers when it is told to. */
function slowHost() {
  const asked: boolean[] = [];
  let answer: (error?: Error) => void = () => {};
  const send = (enabled: boolean) => {
    asked.push(enabled);
    return new Promise<void>((resolve, reject) => {
      answer = (error) => (error ? reject(error) : resolve());
    });
  };
  return { asked, send, refresh: () => Promise.resolve(), answer: (error?: Error) => answer(error) };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a wish holds until the host has answered and the list was loaded again", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  let loaded = () => {};
  const refresh = () => new Promise<void>((resolve) => (loaded = resolve));
  const settled = wishes.setEnabled("acme", true, { send: host.send, refresh });
  await turns();
  expect(wishes.current().get("acme")).toBe(true);
  host.answer();
  await turns();
  expect(wishes.current().get("acme")).toBe(true);
  loaded();
  expect(await settled).toBe(true);
  expect(wishes.current().size).toBe(0);
});

test("of many wishes the first and the last are sent, one at a time", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  const results = [wishes.setEnabled("acme", true, host)];
  await turns();
  for (let click = 1; click < 20; click++) results.push(wishes.setEnabled("acme", click % 2 === 0, host));
  await turns();
  expect(host.asked).toEqual([true]);
  host.answer();
  await turns();
  expect(host.asked).toEqual([true, false]);
  host.answer();
  expect(await Promise.all(results)).toEqual([false, ...Array.from({ length: 19 }, () => null)]);
});

test("a wish that came back to what was sent needs no second request", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  const first = wishes.setEnabled("acme", true, host);
  await turns();
  await wishes.setEnabled("acme", false, host);
  await wishes.setEnabled("acme", true, host);
  await turns();
  host.answer();
  expect(await first).toBe(true);
  expect(host.asked).toEqual([true]);
});

test("a refusal of the last wish rejects, and nothing is wished any more", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  const first = wishes.setEnabled("acme", true, host);
  await turns();
  host.answer(new Error("the route is taken"));
  expect(first).rejects.toThrow("the route is taken");
  await first.catch(() => {});
  expect(wishes.current().size).toBe(0);
});

test("a refusal of a wish that was given up is nobody's business", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  const first = wishes.setEnabled("acme", true, host);
  await turns();
  await wishes.setEnabled("acme", false, host);
  host.answer(new Error("the route is taken"));
  await turns();
  host.answer();
  expect(await first).toBe(false);
});

test("other work for the plugin waits for its turn, work for others does not", async () => {
  const wishes = new PluginWishes();
  const host = slowHost();
  const order: string[] = [];
  const note = (name: string) => async () => void order.push(name);
  const first = wishes.setEnabled("acme", true, host).then(note("switch"));
  const restart = wishes.inTurn("acme", note("restart"));
  await wishes.inTurn("other", note("other"));
  host.answer();
  await Promise.all([first, restart]);
  expect(order[0]).toBe("other");
  expect(order).toContain("restart");
  expect(host.asked).toEqual([true]);
});

test("the list shows what is wished, and is the same list where nothing is", () => {
  const plugins = [
    installedPlugin({ id: "a", status: "failed", enabled: false, crashes: 10 }),
    installedPlugin({ id: "b", pid: 7 }),
    installedPlugin({ id: "c", status: "backoff", pid: null }),
    invalidPlugin({ id: "a" }),
  ];
  expect(withWishes(plugins, new Map())).toBe(plugins);
  const wished = withWishes(plugins, new Map(Object.entries({ a: true, b: false, c: false })));
  expect(wished).toMatchObject([
    { enabled: true, status: "starting", crashes: 0 },
    { enabled: false, status: "stopping" },
    { enabled: false, status: "disabled" },
    { status: "invalid" },
  ]);
});
