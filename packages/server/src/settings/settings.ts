import { isIP } from "node:net";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { flagName, SETTING_NAMES, SETTINGS, type SettingName } from "./setting-table.ts";
import { writableFolder } from "./writable-folder.ts";

/** All paths absolute; durations in milliseconds, sizes in bytes. */
export interface Settings {
  host: string;
  port: number;
  /** Names by which browsers may call the host, besides those that are always its own. */
  allowedHosts: string[];
  trustedProxies: string[];
  /** Browsers reach the host by https only. */
  httpsOnly: boolean;
  pluginsDir: string;
  dataDir: string;
  logDir: string;
  runDir: string;
  databaseUrl: string;
  /** Null: the first start prints a link. */
  adminPassword: string | null;
  backoffBaseMs: number;
  crashLimit: number;
  crashesPerHour: number;
  stableAfterMs: number;
  healthIntervalMs: number;
  requestTimeoutMs: number;
  startTimeoutMs: number;
  stopGraceMs: number;
  maxFrameBytes: number;
  /** Infinity: no limit. */
  maxBodyBytes: number;
  /** What a person should know about the choice of folders. */
  notices: string[];
}

export type Flags = Partial<Record<SettingName, string>>;
export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problems: string[] };

type Table = typeof SETTINGS;
type Value<Name extends SettingName> =
  | z.output<Table[Name]["schema"]>
  | (Table[Name]["fallback"] extends null ? null : never);
type Values = { [Name in SettingName]: Value<Name> };

/** Flag, then environment, then default. All problems are found before anything starts. */
export async function readSettings(flags: Flags, environment: NodeJS.ProcessEnv): Promise<SettingsResult> {
  const problems: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of SETTING_NAMES) {
    const { schema, fallback } = SETTINGS[name];
    const given = flags[name] ?? environment[name];
    const text = given === undefined || given === "" ? fallback : given;
    if (text === null) {
      values[name] = null;
      continue;
    }
    const parsed = (schema as z.ZodType).safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${sourceName(name, flags)} ${parsed.error.issues[0]?.message ?? "is invalid"}, not ${JSON.stringify(text)}`,
      );
  }
  const adminPassword = environment["TORU_ADMIN_PASSWORD"] || null;
  if (adminPassword !== null && adminPassword.length < 10) {
    problems.push("TORU_ADMIN_PASSWORD must have at least 10 characters");
  }
  const { TORU_HOST: host } = values;
  if (typeof host === "string" && host !== "localhost" && isIP(host) === 0) {
    problems.push(`${sourceName("TORU_HOST", flags)} must be an IP address or localhost, not ${JSON.stringify(host)}`);
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: await complete(values as Values, adminPassword, environment) };
}

async function complete(
  values: Values,
  adminPassword: string | null,
  environment: NodeJS.ProcessEnv,
): Promise<Settings> {
  const notices: string[] = [];
  const dataDir = resolve(values.TORU_DATA_DIR);
  const ownLogs = values.TORU_LOG_DIR;
  const logDir =
    ownLogs !== null ? resolve(ownLogs) : await writableFolder(["/var/log/toru"], join(dataDir, "logs"), 0o755);
  if (ownLogs === null && logDir !== "/var/log/toru")
    notices.push(`/var/log/toru cannot be written; logs go to ${logDir}`);
  const runtime = environment["XDG_RUNTIME_DIR"];
  const runCandidates = ["/run/toru", ...(runtime === undefined || runtime === "" ? [] : [join(runtime, "toru")])];
  const ownRun = values.TORU_RUN_DIR;
  return {
    host: values.TORU_HOST,
    port: values.TORU_PORT,
    allowedHosts: values.TORU_ALLOWED_HOSTS ?? [],
    trustedProxies: values.TORU_TRUSTED_PROXIES ?? [],
    httpsOnly: values.TORU_HTTPS_ONLY,
    pluginsDir: resolve(values.TORU_PLUGINS_DIR),
    dataDir,
    logDir,
    runDir: ownRun !== null ? resolve(ownRun) : await writableFolder(runCandidates, join(dataDir, "run"), 0o700),
    databaseUrl: values.TORU_DATABASE_URL ?? `sqlite:${join(dataDir, "toru.db")}`,
    adminPassword,
    backoffBaseMs: values.TORU_BACKOFF_BASE_MS,
    crashLimit: values.TORU_CRASH_LIMIT,
    crashesPerHour: values.TORU_CRASHES_PER_HOUR,
    stableAfterMs: values.TORU_STABLE_AFTER_MS,
    healthIntervalMs: values.TORU_HEALTH_INTERVAL_MS,
    requestTimeoutMs: values.TORU_REQUEST_TIMEOUT_MS,
    startTimeoutMs: values.TORU_START_TIMEOUT_MS,
    stopGraceMs: values.TORU_STOP_GRACE_MS,
    maxFrameBytes: values.TORU_MAX_FRAME_BYTES,
    maxBodyBytes: values.TORU_MAX_BODY_BYTES ?? Infinity,
    notices,
  };
}

function sourceName(name: SettingName, flags: Flags): string {
  return flags[name] === undefined ? name : `--${flagName(name)}`;
}
