import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPlugin } from "@toru/plugin/testing";
import { pathWith, Project, RUNTIMES, toruPlugin, until } from "./built-plugin.fixture.ts";

const PLUGIN = `
import { definePlugin, log, upgradeWebSocket } from "@toru/plugin";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";

const app = new Hono();
app.use(cors(), secureHeaders());
app.get("/talk", (c) => upgradeWebSocket(c.req.raw, (socket) => socket.send("hello from Hono")));
app.get("/events", (c) =>
  streamSSE(c, async (stream) => {
    const aborted = new Promise<void>((resolve) => stream.onAbort(resolve));
    await stream.writeSSE({ data: "0" });
    await stream.writeSSE({ data: "1" });
    await aborted;
    log.info("the stream was aborted");
  }),
);

export default definePlugin({ id: "hono", name: "Hono", version: "1", icon: "zap", route: "/hono", fetch: app.fetch });
`;

let project: Project;
beforeAll(async () => {
  project = await Project.create({ "src/plugin.ts": PLUGIN });
  expect(await toruPlugin(project.folder, ["build"])).toMatchObject({ code: 0, stderr: "" });
});
afterAll(() => project[Symbol.asyncDispose]());

describe.each([...RUNTIMES])("a Hono app on %s", (runtime) => {
  test("takes a WebSocket up, behind middleware that makes Responses anew", async () => {
    await using path = await pathWith(runtime);
    await using plugin = await startPlugin(project.path("dist/hono.binary"), { env: { PATH: path.path } });
    const socket = await plugin.webSocket("/talk");
    expect((await socket.messages.next()).value).toBe("hello from Hono");
    expect((await socket.messages.next()).done).toBe(true);
    expect((await plugin.fetch("/talk")).status).toBe(426);
  });

  test("streams events by Hono's own means, and hears of the client that goes away", async () => {
    await using path = await pathWith(runtime);
    await using plugin = await startPlugin(project.path("dist/hono.binary"), { env: { PATH: path.path } });
    const reader = (await plugin.fetch("/events")).body?.getReader();
    let text = "";
    while (!text.endsWith("data: 1\n\n")) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text).toBe("data: 0\n\ndata: 1\n\n");
    await reader?.cancel();
    await until("it is aborted", () => plugin.logs.some(({ message }) => message === "the stream was aborted"));
  });
});
