import { beforeAll, expect, test } from "bun:test";
import { createPanel } from "./create-panel.ts";

let panel: Awaited<ReturnType<typeof createPanel>>;
beforeAll(async () => {
  panel = await createPanel();
});

function get(path: string, headers: Record<string, string> = {}): Response | null {
  return panel(path, new Request(`http://127.0.0.1${path}`, { headers }));
}

async function scriptPath(): Promise<string> {
  const html = (await get("/")?.text()) ?? "";
  return /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? "";
}

test("every page of the panel is the same document, with a strict content security policy", async () => {
  for (const path of ["/", "/sign-in", "/setup", "/plugins-manager", "/events", "/logs/acme", "/view/acme/a/b"]) {
    const response = get(path);
    expect([path, response?.status]).toEqual([path, 200]);
    expect(response?.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(response?.headers.get("cache-control")).toBe("no-cache");
    expect(await response?.text()).toContain('<div id="toru">');
  }
});

test("the policy allows scripts of the host alone, no eval and no frame around it; the document has no script of its own", async () => {
  const response = get("/");
  const policy = response?.headers.get("content-security-policy") ?? "";
  const directives = new Map(policy.split("; ").map((directive) => directive.split(/ (.*)/, 2) as [string, string]));
  expect(Object.fromEntries(directives)).toMatchObject({
    "default-src": "'none'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
  });
  expect(policy).not.toContain("unsafe-eval");
  const html = (await response?.text()) ?? "";
  expect(html.match(/<script(?![^>]* src=)|\son\w+=|javascript:/gi)).toBeNull();
  const missing = get("/no-such-page", { accept: "text/html" });
  expect(missing?.headers.get("content-security-policy")).toBe(policy);
});

test("the document of isolated pages runs its own script and what it is handed, and asks nobody", async () => {
  const response = get("/isolated-page.html");
  const policy = response?.headers.get("content-security-policy")?.split("; ") ?? [];
  const [, script = ""] = /<script>(.*?)<\/script>/s.exec((await response?.text()) ?? "") ?? [];
  const hash = new Bun.CryptoHasher("sha256").update(script).digest("base64");
  expect(script.length).toBeGreaterThan(1_000);
  expect(policy).toContain(`script-src 'sha256-${hash}' blob:`);
  for (const directive of ["default-src 'none'", "connect-src data: blob:", "frame-ancestors 'self'"]) {
    expect(policy).toContain(directive);
  }
  expect(policy).toContain("sandbox allow-scripts allow-forms");
});

test("an unknown page is the panel with status 404; an unknown file is nobody's", () => {
  expect(get("/no-such-page", { accept: "text/html" })?.status).toBe(404);
  expect(get("/no-such-file.png")).toBeNull();
});

test("a file is sent compressed where the browser takes that, and may be kept for ever", async () => {
  const path = await scriptPath();
  const plain = await get(path)?.bytes();
  for (const [accepted, coding] of [
    ["gzip, deflate, br", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
  ] as const) {
    const response = get(path, { "accept-encoding": accepted });
    expect(response?.headers.get("content-encoding")).toBe(coding);
    expect(response?.headers.get("cache-control")).toContain("immutable");
    expect((await response?.bytes())?.length).toBeLessThan((plain?.length ?? 0) / 2);
  }
});

test("a browser that has the file already gets 304", async () => {
  const path = await scriptPath();
  const etag = get(path)?.headers.get("etag") ?? "";
  const response = get(path, { "if-none-match": etag });
  expect(response?.status).toBe(304);
  expect(await response?.text()).toBe("");
});
