/** Where the path of an absolute http(s) URL begins. Bun's `request.url` is one, whatever the request line held. */
export function pathStart(url: string): number {
  // "https://" is one character longer than "http://", and the host may be empty (HTTP/1.0).
  const start = url.indexOf("/", url.charCodeAt(4) === 0x73 ? 8 : 7);
  return start === -1 ? url.length : start;
}

/** Path without the query, as it was sent: nothing is decoded. */
export function pathOf(url: string): string {
  const start = pathStart(url);
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
