/** The address where it is http or https; null for `javascript:` and everything else. */
export function webAddressOf(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}
