import type { HostCounters, InstalledPlugin, LogStore, PluginHost } from "@toru/core";
import type { HttpOptions } from "../http-options.ts";
import type { Metric } from "./prometheus.ts";
import type { RequestCounters } from "./request-counters.ts";

const STATUSES = ["disabled", "starting", "running", "backoff", "stopping", "failed"] as const;

export interface MetricSources {
  plugins: PluginHost;
  logs: LogStore;
  host: HttpOptions["host"];
  requests: RequestCounters;
  liveStreams: { readonly open: number };
}

/** All metrics as they are now. */
export function hostMetrics({ plugins, logs, host, requests, liveStreams }: MetricSources): Metric[] {
  const uptimeMs = host.clock.monotonic() - host.startedAt;
  const byClass = requests.byClass.map((value, index) => ({ labels: { status: `${index}xx` }, value })).slice(1);
  return [
    gauge("toru_build_info", "The version that runs.", [{ labels: { version: host.version }, value: 1 }]),
    gauge("toru_uptime_seconds", "Seconds since the host started.", [{ value: uptimeMs / 1000 }]),
    gauge("process_resident_memory_bytes", "Resident memory of the host.", [{ value: process.memoryUsage.rss() }]),
    ...pluginMetrics(plugins.list().filter((plugin) => plugin.kind === "installed")),
    ...counterMetrics(plugins.counters()),
    counter("toru_log_lines_lost_total", "Log lines that could not be written.", [{ value: logs.lost }]),
    counter("toru_http_requests_total", "Answers of the host, those of plugins included.", byClass),
    gauge("toru_http_in_flight", "Requests that are being answered.", [{ value: requests.inFlight }]),
    gauge("toru_live_streams", "Live streams that are open.", [{ value: liveStreams.open }]),
  ];
}

function pluginMetrics(plugins: readonly InstalledPlugin[]): Metric[] {
  const each = (value: (plugin: InstalledPlugin) => number) =>
    plugins.map((plugin) => ({ labels: { plugin: plugin.manifest.id }, value: value(plugin) }));
  const statuses = plugins.flatMap(({ manifest, state }) =>
    STATUSES.map((status) => ({ labels: { plugin: manifest.id, status }, value: Number(state.status === status) })),
  );
  const isUp = ({ state }: InstalledPlugin) => state.status === "running" && state.health.state === "healthy";
  return [
    gauge(
      "toru_plugin_up",
      "1 while the plugin runs and is healthy.",
      each((plugin) => Number(isUp(plugin))),
    ),
    gauge("toru_plugin_status", "1 at the status that the plugin has.", statuses),
    counter(
      "toru_plugin_restarts_total",
      "Starts after a crash or by a person.",
      each(({ restarts }) => restarts),
    ),
  ];
}

function counterMetrics({ plugins }: HostCounters): Metric[] {
  const counts = [...plugins];
  const each = (field: "crashes" | "requests" | "errors" | "droppedReplies") =>
    counts.map(([plugin, values]) => ({ labels: { plugin }, value: values[field] }));
  return [
    counter("toru_plugin_crashes_total", "Ends of the process that nobody asked for.", each("crashes")),
    counter("toru_plugin_requests_total", "Requests sent to the plugin.", each("requests")),
    counter("toru_plugin_request_errors_total", "Requests that the plugin did not answer.", each("errors")),
    counter("toru_plugin_dropped_replies_total", "Replies that nobody waited for.", each("droppedReplies")),
  ];
}

function gauge(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, help, type: "gauge", samples };
}

function counter(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, help, type: "counter", samples };
}
