import { watchDirectory, type WatchedEntry } from "@toru/logs";
import type { Settings } from "../settings/settings.ts";
import { formatLogEntry, printable } from "./format-log-entry.ts";
import type { Options } from "./program.ts";
import { formatTable } from "./table.ts";
import { WatchedHost } from "./watched-host.ts";

/** What was written before the watch began has been read when nothing came for this long, in milliseconds. */
const CAUGHT_UP_AFTER_MS = 500;
/** How often the silence of the host is looked at, in milliseconds. */
const SILENCE_CHECK_MS = 5_000;

/** What TORIS does: reads the log folder alone, from outside, and tells how each plugin is and what happens. */
export async function watch(settings: Settings, options: Options): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const host = new WatchedHost();
  const json = options["json"] === true;
  const startedAt = Date.now();
  const entries = watchDirectory(settings.logDir, stop.signal, { fromStart: true })[Symbol.asyncIterator]();
  let pending = entries.next();
  let caughtUp = false;
  let saidSilent = false;
  for (;;) {
    const next = await Promise.race([pending, Bun.sleep(caughtUp ? SILENCE_CHECK_MS : CAUGHT_UP_AFTER_MS)]);
    if (next?.done === true) break;
    if (!caughtUp && (next === undefined || isLater(next.value, startedAt))) {
      print(host, json, settings.logDir);
      caughtUp = true;
      if (options["once"] === true) break;
    }
    if (next === undefined) {
      const silent = host.isSilent(Date.now());
      if (silent && !saidSilent)
        console.log(json ? JSON.stringify({ host: host.summary(Date.now()) }) : host.summary(Date.now()));
      saidSilent = silent;
      continue;
    }
    pending = entries.next();
    const isNews = next.value.file === "supervisor" ? host.apply(next.value.entry) : isNotable(next.value);
    if (caughtUp && isNews) console.log(json ? JSON.stringify(next.value.entry) : line(next.value));
  }
  stop.abort();
  await pending.catch(() => undefined); // ended by us
}

/** What is kept of the supervisor's log comes first: any other line, and one from after the start, ends that. */
function isLater({ file, entry }: WatchedEntry, startedAt: number): boolean {
  return file !== "supervisor" || Date.parse(entry.timestamp) > startedAt;
}

/** Of what plugins and the host write themselves, the bad news. */
function isNotable({ entry }: WatchedEntry): boolean {
  return entry.level === "warn" || entry.level === "error";
}

function line({ file, entry }: WatchedEntry): string {
  const { message, timestamp, level, plugin, error, fields = {} } = entry;
  const reason = typeof fields["reason"] === "string" ? `: ${fields["reason"]}` : "";
  const name = plugin === "*" ? "host" : plugin;
  if (file !== "supervisor") return formatLogEntry({ timestamp, level, message: `${name} says: ${message}`, error });
  return `${timestamp} ${level.toUpperCase().padEnd(5)} ${name}: ${printable(message + reason)}`;
}

function print(host: WatchedHost, json: boolean, directory: string): void {
  if (json)
    return console.log(JSON.stringify({ host: host.summary(Date.now()), plugins: Object.fromEntries(host.plugins) }));
  console.log(`${host.summary(Date.now())} (${directory})`);
  const rows = [...host.plugins].map(([id, { status, health, since, reason }]) => [
    id,
    status,
    health,
    since,
    printable(reason ?? ""),
  ]);
  if (rows.length > 0) console.log(formatTable([["ID", "STATUS", "HEALTH", "SINCE", "REASON"], ...rows]));
}
