import { isolatedPagePolicy } from "./isolated-page-policy.ts";
import { type ContentCoding, type PanelFile, readPanelPack } from "./panel-pack.ts";

/**
 * Scripts come from the host alone: a plugin's page may bring styles of its own, never a script that is written into the
 * page. What it fetches, shows or frames comes from the host too.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  md: "text/plain; charset=utf-8",
  json: "application/json",
};

/** What the panel's router knows; anything else is answered with the panel too, which says so, but as 404. */
const PAGES = /^\/(?:|sign-in|setup|welcome|plugins-manager|events|account|logs\/[^/]+|view\/[^/]+(?:\/.*)?)$/;

/** The document of the frames in which isolated pages run. */
const ISOLATED_PAGE = "/isolated-page.html";

type PanelHandler = (path: string, request: Request) => Response | null;

/** Serves the panel's files. They are in memory, compressed once when the panel was built. */
export async function createPanel(): Promise<PanelHandler> {
  const files = await readPanelPack();
  if (files === null) return notBuilt;
  const index = files.get("/index.html");
  const isolatedPolicy = isolatedPagePolicy(files.get(ISOLATED_PAGE));
  return (path, request) => {
    const file = files.get(path);
    if (file !== undefined && path !== "/index.html")
      return answer(file, path, request, 200, path === ISOLATED_PAGE ? isolatedPolicy : null);
    const wantsPage = request.headers.get("accept")?.includes("text/html") ?? false;
    const isPage = PAGES.test(path);
    if (index === undefined || !(isPage || wantsPage)) return null;
    return answer(index, "/index.html", request, isPage ? 200 : 404, CONTENT_SECURITY_POLICY);
  };
}

function answer(file: PanelFile, path: string, request: Request, status: number, policy: string | null): Response {
  const headers = new Headers({
    "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    // Names under /assets/ hold a hash of their content.
    "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    // Weak: each form of the file has the same one.
    etag: `W/${file.etag}`,
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  if (policy !== null) {
    headers.set("content-security-policy", policy);
    headers.set("cross-origin-opener-policy", "same-origin");
  }
  if (status === 200 && request.headers.get("if-none-match")?.includes(file.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const [coding, body] = chooseForm(file, request.headers.get("accept-encoding") ?? "");
  if (coding !== "identity") headers.set("content-encoding", coding);
  return new Response(body, { status, headers });
}

function chooseForm(file: PanelFile, accepted: string): [ContentCoding, Uint8Array<ArrayBuffer>] {
  for (const coding of ["br", "gzip"] as const) {
    const form = file.forms.get(coding);
    if (form !== undefined && accepts(accepted, coding)) return [coding, form];
  }
  return ["identity", file.forms.get("identity") ?? new Uint8Array()];
}

function accepts(header: string, coding: string): boolean {
  return header.split(",").some((part) => {
    const [name, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

function notBuilt(path: string): Response | null {
  if (path !== "/") return null;
  return new Response("The panel is not built. Run `npm run build`, then start the host again.\n", { status: 503 });
}
