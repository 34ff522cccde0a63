/// <reference lib="webworker" />
import { LiveConnection } from "./live-connection.ts";
import type { LiveRequest } from "./live-message.ts";

/** Shared by all tabs of the panel: browsers open six connections to a host, however many tabs there are. */
const ports = new Set<MessagePort>();
let viewer: string | null = null;
const connection = new LiveConnection((message) => {
  for (const port of ports) port.postMessage(message);
});

addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.addEventListener("message", ({ data }) => {
    const request = data as LiveRequest;
    if (request.type === "open") open(port, request.viewer);
    else close(port);
  });
  port.start();
});

function open(port: MessagePort, who: string): void {
  ports.add(port);
  // It carries what the one who opened it may see.
  if (viewer !== who) connection.close();
  viewer = who;
  connection.open();
  port.postMessage({ type: "status", status: connection.status });
  // What happened between this tab's first load and now was told to the others only.
  if (connection.status === "live") port.postMessage({ type: "reset" });
}

function close(port: MessagePort): void {
  ports.delete(port);
  if (ports.size === 0) connection.close();
}
