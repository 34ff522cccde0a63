import page from "./page.html" with { type: "text" };

/** Imported as text; the type that Bun declares for every .html file is that of a bundled page. */
const html = page as unknown as string;
const headers = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": [
    "default-src 'none'",
    `script-src ${hashOf("script")}`,
    `style-src ${hashOf("style")}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};

/** First account, sign-in, and the list of plugins with links to what they answer: until the panel takes its place. */
export function starterPage(path: string): Response | null {
  return path === "/" || path === "/setup" ? new Response(html, { headers }) : null;
}

/** The one inline element of this name is allowed by its content, and nothing else is. */
function hashOf(element: "script" | "style"): string {
  const content = new RegExp(`<${element}[^>]*>([^]*?)</${element}>`).exec(html)?.[1] ?? "";
  return `'sha256-${new Bun.CryptoHasher("sha256").update(content).digest("base64")}'`;
}
