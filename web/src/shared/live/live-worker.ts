/// <reference lib="webworker" />
import { LiveConnection } from "./live-connection.ts";

/** Shared by all tabs of the panel: browsers open six connections to a host, however many tabs there are. */
const ports = new Set<MessagePort>();
const connection = new LiveConnection((message) => {
  for (const port of ports) port.postMessage(message);
});

addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.addEventListener("message", ({ data }) => {
    if (data === "open") {
      ports.add(port);
      connection.open();
      port.postMessage({ type: "status", status: connection.status });
    } else if (data === "close") {
      ports.delete(port);
      if (ports.size === 0) connection.close();
    }
  });
  port.start();
});
