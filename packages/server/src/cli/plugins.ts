import { logEntrySchema, logPageSchema, pluginListSchema, pluginSchema, type Plugin } from "@toru/http-api";
import type { ControlClient } from "./control-client.ts";
import { formatLogEntry } from "./format-log-entry.ts";
import type { Options } from "./program.ts";
import { formatDuration, formatTable } from "./table.ts";

export async function listPlugins(client: ControlClient, options: Options): Promise<void> {
  const plugins = pluginListSchema.parse(await client.json("GET", "/api/plugins"));
  if (options["json"] === true) return console.log(JSON.stringify(plugins, null, 2));
  if (plugins.length === 0) return console.log("No plugins. Put an executable NAME.binary into the plugins folder.");
  const header = ["ID", "VERSION", "STATUS", "HEALTH", "ROUTE", "UPTIME", "RESTARTS", "NOTE"];
  console.log(formatTable([header, ...plugins.map(row)]));
}

function row(plugin: Plugin): string[] {
  if (plugin.status === "invalid") return [plugin.id ?? plugin.file, "", "invalid", "", "", "", "", plugin.reason];
  const { id, version, status, health, route, uptime_ms: uptime, restarts, crash } = plugin;
  const crashed = status === "backoff" || status === "failed" ? (crash?.reason ?? "") : "";
  const note = plugin.problem ?? (crashed === "" ? (plugin.health_reason ?? "") : crashed);
  return [id, version, status, health, route, uptime === null ? "" : formatDuration(uptime), String(restarts), note];
}

export async function managePlugin(
  client: ControlClient,
  id: string,
  action: "enable" | "disable" | "restart",
): Promise<void> {
  const plugin = pluginSchema.parse(await client.json("POST", `/api/plugins/${encodeURIComponent(id)}/${action}`));
  console.log(`${plugin.id}: ${plugin.status}`);
}

export async function pluginLogs(client: ControlClient, id: string, options: Options): Promise<void> {
  const path = `/api/plugins/${encodeURIComponent(id)}/logs`;
  const query = new URLSearchParams();
  if (typeof options["level"] === "string") query.set("level", options["level"]);
  const page = new URLSearchParams(query);
  page.set("page_size", String(options["lines"]));
  const { logs } = logPageSchema.parse(await client.json("GET", `${path}?${page}`));
  for (const entry of logs) console.log(formatLogEntry(entry));
  if (options["follow"] !== true) return;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  try {
    for await (const { data } of client.events(`${path}/stream?${query}`, stop.signal)) {
      console.log(formatLogEntry(logEntrySchema.parse(JSON.parse(data))));
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}
