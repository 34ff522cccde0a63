import { kv, KvError, log, upgradeWebSocket, type KvQuery, type LogFields, type LogLevel } from "@toru/plugin";

let cancelled = 0;

type KvRequest = { action: "get" | "set" | "delete" | "list"; key: string; value: string } & KvQuery;

const ACTIONS: Record<string, (request: Request, query: URLSearchParams) => Response | Promise<Response>> = {
  echo: ({ headers, body }) => new Response(body, { headers: { "content-type": headers.get("content-type") ?? "" } }),
  request: ({ method, url, headers }) => {
    const { pathname, search } = new URL(url);
    return Response.json({ method, target: pathname + search, headers: Object.fromEntries(headers) });
  },
  cookies: () => {
    const headers = new Headers([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2; Path=/"],
    ]);
    return new Response(null, { headers });
  },
  large: (_, query) => new Response("x".repeat(Number(query.get("bytes")))),
  fail: () => {
    throw new Error("told to fail");
  },
  sleep: ({ signal }, query) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(new Response()), Number(query.get("ms")));
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        cancelled += 1;
        reject(signal.reason as Error);
      });
    }),
  cancelled: () => Response.json({ cancelled }),
  websocket: (request) =>
    upgradeWebSocket(request, async (socket) => {
      for await (const message of socket.messages) await socket.send(message);
    }),
  kv: async (request) => {
    const operation = (await request.json()) as KvRequest;
    try {
      return Response.json(await perform(operation));
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      return Response.json({ error: { code: error.code, message: error.message } });
    }
  },
  log: async (request) => {
    const { level, message, fields } = (await request.json()) as {
      level: LogLevel;
      message: string;
      fields?: LogFields;
    };
    log[level](message, fields);
    return Response.json({});
  },
};

/** What conformance/README.md calls the exam route. */
export function answerExam(request: Request): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/__exam") return Response.json({ exam: 1, offers: Object.keys(ACTIONS) });
  const action = ACTIONS[pathname.slice("/__exam/".length)];
  return action === undefined ? new Response(null, { status: 404 }) : action(request, searchParams);
}

async function perform({ action, key, value, prefix, after, limit }: KvRequest): Promise<object> {
  if (action === "get") return { value: await kv.get(key) };
  if (action === "list") {
    return kv.list({
      ...(prefix !== undefined && { prefix }),
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    });
  }
  await (action === "set" ? kv.set(key, value) : kv.delete(key));
  return { value: null };
}
