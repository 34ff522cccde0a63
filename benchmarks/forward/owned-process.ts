const GRACE_MS = 20_000;

/** Starts a process that ends when `parts` is disposed; starts none where that has happened. */
export function ownedProcess<P extends Bun.Subprocess>(parts: AsyncDisposableStack, start: () => P): P {
  if (parts.disposed) throw new Error("the benchmark is ending: no further process is started");
  const child = start();
  parts.defer(async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    await child.exited;
    clearTimeout(timer);
  });
  return child;
}
