import type { Watch } from "../identity/access-watch.ts";

/** The same bytes, cut off where their reader is signed out: the plugin is told to stop, the client sees no proper end. */
export function cutWhenSignedOut(body: ReadableStream<Uint8Array>, watch: Watch): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isCut = false;
  let unwatch = () => {};
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start: (controller) => {
      unwatch = watch(() => {
        isCut = true;
        controller.error(); // without a reason, which Bun would print at the host's terminal
        reader.cancel().catch(() => undefined); // it has failed already
      });
    },
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (isCut) return;
        if (!done) return controller.enqueue(value);
        unwatch();
        controller.close();
      } catch {
        if (isCut) return;
        unwatch();
        controller.error();
      }
    },
    cancel: (reason) => {
      unwatch();
      return reader.cancel(reason);
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
