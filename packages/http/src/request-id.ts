const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id where it is a sane one, so that logs of several programs can be read together, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given !== null && SANE.test(given) ? given : crypto.randomUUID();
}
