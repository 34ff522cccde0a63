/** Where the path of an http(s) URL begins. Bun's `request.url` is absolute, but for an HTTP/1.0 request without a host. */
export function pathStart(url: string): number {
  if (url.charCodeAt(0) === 0x2f) return 0;
  // "https://" is one character longer than "http://".
  const start = url.indexOf("/", url.charCodeAt(4) === 0x73 ? 8 : 7);
  return start === -1 ? url.length : start;
}

/** Path without the query, as it was sent: nothing is decoded. */
export function pathOf(url: string): string {
  const start = pathStart(url);
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
