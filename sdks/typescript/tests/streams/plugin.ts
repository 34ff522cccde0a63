/** Streams and WebSockets, one path for each behaviour. */
import { createHash } from "node:crypto";
import { definePlugin, upgradeWebSocket, type PluginWebSocket } from "@toru/plugin";

/** What happened to bodies and signals, in the order in which it did. */
const seen: string[] = [];
let open = () => {};
let gate = new Promise<void>((resolve) => (open = resolve));

const COUNTING = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);

/** So many bytes, made as they are asked for. */
function counting(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const piece = COUNTING.subarray(0, Math.min(left, COUNTING.length));
      left -= piece.length;
      controller.enqueue(piece);
      if (left === 0) controller.close();
    },
    cancel: (reason) => void seen.push(`counting was cancelled with ${left > 0 ? "some" : "nothing"} left: ${reason}`),
  });
}

/** Which the type of the DOM does not know. */
const Streams = ReadableStream as unknown as { from(source: AsyncIterable<string>): ReadableStream };

async function* events(signal: AbortSignal) {
  try {
    for (let number = 0; !signal.aborted; number += 1) {
      yield `data: ${number}\n\n`;
      await Promise.race([gate, new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))]);
    }
  } finally {
    seen.push("events ended");
  }
}

const sockets: Record<string, (socket: PluginWebSocket, request: Request) => unknown> = {
  "/talk": async (socket) => {
    for await (const message of socket.messages) {
      if (message === "close") return;
      if (message === "fail") throw new Error("told to fail");
      if (message === "protocol") await socket.send(socket.protocol);
      else await socket.send(message);
    }
    seen.push("talk ended");
  },
  /** Answers each message only when the gate opens. */
  "/slow-talk": async (socket) => {
    for await (const message of socket.messages) {
      seen.push("slow-talk is at it");
      await gate;
      await socket.send(message);
    }
  },
  /** Closes itself, and finds its messages at their end. */
  "/closes": async (socket) => {
    for (let number = 0; number < 8; number += 1) void socket.send(new Uint8Array(100_000).fill(number));
    socket.close();
    for await (const message of socket.messages) seen.push(`after close: ${String(message)}`);
    seen.push(await socket.send("late").then(() => "sent", String));
  },
  "/flood": async (socket, { url }) => {
    const count = Number(new URL(url).searchParams.get("count"));
    for (let number = 0; number < count; number += 1) {
      await socket.send(new Uint8Array(10_000).fill(number % 256));
      if (number % 10 === 0) seen.push("sent ten");
    }
  },
  /** Never reads: only its signal, or `send`, tells it of the end. */
  "/pushes": async (socket, { signal }) => {
    await socket.send("pushed");
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    seen.push(`pushes was aborted: ${signal.reason}`);
    await socket.send("to nobody");
  },
  "/limits": async (socket) => {
    const faults = [socket.send(new Uint8Array(128 * 1024 + 1))];
    for (let number = 0; number < 20; number += 1) faults.push(socket.send(new Uint8Array(100_000)));
    const results = await Promise.allSettled(faults);
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
    await socket.send(JSON.stringify(reasons));
  },
  "/deaf": async (socket, { signal }) => {
    await Promise.race([gate, new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))]);
    let bytes = 0;
    for await (const message of socket.messages) {
      bytes += message.length;
      await socket.send(String(bytes));
    }
  },
};

type Route = (request: Request, query: URLSearchParams, stopping: AbortSignal) => Response | Promise<Response>;

const routes: Record<string, Route> = {
  /** Opens the gate when the plugin is told to stop. */
  "/stopping": async (_request, _query, stopping) => {
    seen.push("stopping is in");
    await new Promise((resolve) => stopping.addEventListener("abort", resolve));
    open();
    return new Response();
  },
  "/digest": async ({ body }) => {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const piece of body ?? []) {
      bytes += piece.length;
      hash.update(piece);
    }
    return Response.json({ bytes, sha256: hash.digest("hex") });
  },
  "/whole": async (request, query) => {
    const read = query.get("as") as "text" | "json" | "arrayBuffer";
    const value: unknown = await request[read]();
    return Response.json(value instanceof ArrayBuffer ? value.byteLength : value);
  },
  "/form": async (request) => {
    const file = (await request.formData()).get("file") as File;
    return Response.json({ name: file.name, size: file.size });
  },
  "/echo": (request) => new Response(request.body),
  "/ignore": () => new Response("not read"),
  "/first": async ({ body }) => {
    const reader = body?.getReader();
    const piece = await reader?.read();
    await reader?.cancel();
    return new Response(String(piece?.value?.length));
  },
  "/later": async (request) => {
    await gate;
    return new Response(String((await request.arrayBuffer()).byteLength));
  },
  "/background": (request) => {
    const reading = gate.then(() => request.arrayBuffer());
    reading.then(
      ({ byteLength }) => seen.push(`read ${byteLength}`),
      (error: unknown) => seen.push(String(error)),
    );
    return new Response("answered");
  },
  "/count": (_, query) => new Response(counting(Number(query.get("bytes")))),
  "/events": ({ signal }) => {
    const body = events(signal) as unknown as ReadableStream;
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
  "/from": ({ signal }) => new Response(Streams.from(events(signal))),
  "/silent": ({ signal }) => {
    signal.addEventListener("abort", () => seen.push(`silent was aborted: ${signal.reason}`));
    return new Response(new ReadableStream({ cancel: (reason) => void seen.push(`silent was cancelled: ${reason}`) }));
  },
  "/proxy": ({ signal }, query) => fetch(String(query.get("url")), { signal }),
  "/breaks": () => {
    const pull = async (controller: ReadableStreamDefaultController) => {
      await gate;
      controller.error(new Error("broken in the middle"));
    };
    const start = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1000));
    return new Response(new ReadableStream({ start, pull }));
  },
  "/breaks-at-once": () =>
    new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("broken at once")) })),
  "/odd": () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue({ no: "bytes" }) })),
  "/texts": () => {
    const start = (controller: ReadableStreamDefaultController) => {
      controller.enqueue("ż");
      controller.enqueue("ółw");
      controller.close();
    };
    return new Response(new ReadableStream({ start }));
  },
  /** Nothing but its own signal keeps this one. */
  "/waits": ({ signal }) =>
    new Promise((resolve) => {
      seen.push("waits is in");
      signal.addEventListener("abort", () => {
        seen.push("waits was aborted");
        resolve(new Response());
      });
    }),
  "/collect": () => {
    (globalThis as { gc?: () => void }).gc?.();
    return new Response();
  },
  "/open": () => {
    open();
    gate = new Promise((resolve) => (open = resolve));
    return new Response();
  },
  "/seen": () => Response.json(seen),
  "/refuse": () => new Response("not you", { status: 403 }),
  "/no-protocol": (request) => upgradeWebSocket(request, () => undefined, { protocol: "unheard-of" }),
};

export default definePlugin({
  id: "streams",
  name: "Streams",
  version: "1.0.0",
  icon: "waves",
  route: "/streams",
  fetch(request, { signal: stopping }) {
    const { pathname, searchParams } = new URL(request.url);
    const socket = sockets[pathname];
    if (socket !== undefined) {
      const offered = request.headers.get("sec-websocket-protocol")?.split(", ").at(-1);
      return upgradeWebSocket(
        request,
        (opened) => socket(opened, request),
        offered === undefined ? {} : { protocol: offered },
      );
    }
    const route = routes[pathname];
    return route === undefined ? new Response(null, { status: 404 }) : route(request, searchParams, stopping);
  },
});
