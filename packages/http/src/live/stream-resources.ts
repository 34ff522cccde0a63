import type { ResourceMonitor } from "@toru/core";
import { resourceSampleBody } from "../api/resource-body.ts";
import { formatEvent, type EventStream } from "./event-stream.ts";

/** Sends each new sample, without an id. A reader that does not keep up misses some. */
export function streamResources(resources: ResourceMonitor, stream: EventStream, signal: AbortSignal): void {
  const stop = resources.subscribe((sample) => {
    if (stream.hasRoom)
      stream.send(formatEvent({ name: "resources", data: JSON.stringify(resourceSampleBody(sample)) }));
  });
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
}
