/**
 * For what a browser may show as a document: without `allow-same-origin` its scripts belong to nobody, and cannot act as
 * the person who opened it. Policies add up, so one that the plugin sends stays, and cannot lift this one.
 */
export const DOCUMENT_POLICY = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

const MEDIA = /^(?:image|audio|video|font)\/[a-z0-9.+-]+$/;
const MARKUP = /xml|html|svg/;
const JSON_SUFFIX = /^application\/[a-z0-9.-]+\+json$/;
const INERT: ReadonlySet<string> = new Set([
  "application/gzip",
  "application/javascript",
  "application/json",
  "application/jsonl",
  "application/octet-stream",
  "application/pdf",
  "application/wasm",
  "application/x-ndjson",
  "application/zip",
  "text/calendar",
  "text/css",
  "text/csv",
  "text/event-stream",
  "text/javascript",
  "text/markdown",
  "text/plain",
  "text/vtt",
]);

/**
 * Whether no browser runs scripts that an answer of this content type holds when it is opened by itself. What is not known
 * to be harmless is not: without a type, and with several or an unknown one, browsers guess.
 */
export function isInert(contentType: string | null): boolean {
  if (contentType === null || contentType.includes(",")) return false;
  const end = contentType.indexOf(";");
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  return INERT.has(type) || (MEDIA.test(type) && !MARKUP.test(type)) || JSON_SUFFIX.test(type);
}
