import type { PanelFile } from "./panel-pack.ts";

/**
 * An isolated page runs the script of its document, which is the panel's, and the bundle that the panel hands over, which is a
 * blob of its own. It asks nobody but the panel. The sandbox holds also where somebody opens the document by itself.
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "media-src data: blob:",
  "font-src data: blob:",
  "connect-src data: blob:",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-scripts allow-forms",
];

export function isolatedPagePolicy(file: PanelFile | undefined): string {
  const html = new TextDecoder().decode(file?.forms.get("identity"));
  const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  const hash = new Bun.CryptoHasher("sha256").update(script).digest("base64");
  return [`script-src 'sha256-${hash}' blob:`, ...POLICY].join("; ");
}
