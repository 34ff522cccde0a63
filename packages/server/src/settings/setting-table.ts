import { DEFAULT_RESTART_POLICY } from "@toru/core";
import { isHostName, isNetwork } from "@toru/http";
import { DEFAULT_MAX_FRAME_BYTES } from "@toru/protocol";
import { DEFAULT_TIMINGS } from "@toru/supervisor";
import { z } from "zod";

const MAX_DURATION_MS = 24 * 60 * 60 * 1000;
const folder = z.string().min(1, "must be a path");

function integer(least: number, most: number, unit: string): z.ZodType<number> {
  const expected = `must be a whole number from ${least} to ${most}${unit === "" ? "" : ` (${unit})`}`;
  return z
    .string()
    .regex(/^\d+$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

/** Several, divided by commas. */
function list(isOne: (text: string) => boolean, expected: string): z.ZodType<string[]> {
  return z
    .string()
    .transform((text) => text.split(",").map((one) => one.trim()))
    .refine((all) => all.every(isOne), expected);
}

const yesOrNo = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true") as z.ZodType<boolean>;

const duration = (least = 1) => integer(least, MAX_DURATION_MS, "milliseconds");

/** Every setting: its variable, what it takes, and its default. The flag is the name in lower case with hyphens. */
export const SETTINGS = {
  TORU_HOST: { schema: z.string().min(1, "must be an address"), fallback: "127.0.0.1", help: "address to listen on" },
  TORU_PORT: { schema: integer(0, 65_535, ""), fallback: "3000", help: "port to listen on; 0 takes a free one" },
  TORU_ALLOWED_HOSTS: {
    schema: list(isHostName, "must be host names without ports, divided by commas, such as panel.example.org,*.lan"),
    fallback: null,
    help: "names by which browsers call the host, besides IP addresses, localhost and the machine's own name",
  },
  TORU_TRUSTED_PROXIES: {
    schema: list(isNetwork, "must be IP addresses or networks, divided by commas, such as 127.0.0.1,10.0.0.0/8"),
    fallback: null,
    help: "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed (default: none)",
  },
  TORU_HTTPS_ONLY: {
    schema: yesOrNo,
    fallback: "false",
    help: "whether browsers reach the host by https only, through a proxy that ends TLS: cookies are then Secure",
  },
  TORU_PLUGINS_DIR: { schema: folder, fallback: "./plugins", help: "folder of the plugins" },
  TORU_DATA_DIR: { schema: folder, fallback: "./data", help: "folder of the database and of what plugins keep" },
  TORU_LOG_DIR: {
    schema: folder,
    fallback: null,
    help: "folder of the logs (default: /var/log/toru, else <data>/logs)",
  },
  TORU_RUN_DIR: {
    schema: folder,
    fallback: null,
    help: "folder of the sockets (default: /run/toru, else $XDG_RUNTIME_DIR/toru, else <data>/run)",
  },
  TORU_DATABASE_URL: { schema: z.string().min(1), fallback: null, help: "database (default: sqlite:<data>/toru.db)" },
  TORU_BACKOFF_BASE_MS: {
    schema: duration(),
    fallback: String(DEFAULT_RESTART_POLICY.backoffBaseMs),
    help: "first wait after a crash, in ms; it doubles up to 16 times",
  },
  TORU_CRASH_LIMIT: {
    schema: integer(1, 1000, ""),
    fallback: String(DEFAULT_RESTART_POLICY.crashLimit),
    help: "crashes in a row that disable a plugin",
  },
  TORU_CRASHES_PER_HOUR: {
    schema: integer(1, 1000, ""),
    fallback: String(DEFAULT_RESTART_POLICY.crashesPerHour),
    help: "crashes within an hour that disable a plugin, whatever health lay between them",
  },
  TORU_STABLE_AFTER_MS: {
    schema: duration(),
    fallback: String(DEFAULT_RESTART_POLICY.stableAfterMs),
    help: "health of this length, in ms, forgets earlier crashes",
  },
  TORU_HEALTH_INTERVAL_MS: {
    schema: duration(10),
    fallback: String(DEFAULT_TIMINGS.healthIntervalMs),
    help: "time between health checks, in ms",
  },
  TORU_REQUEST_TIMEOUT_MS: {
    schema: duration(10),
    fallback: String(DEFAULT_TIMINGS.requestTimeoutMs),
    help: "how long a plugin may take to answer, in ms",
  },
  TORU_START_TIMEOUT_MS: {
    schema: duration(10),
    fallback: String(DEFAULT_TIMINGS.startTimeoutMs),
    help: "how long a plugin may take to listen, and again to be ready, in ms",
  },
  TORU_STOP_GRACE_MS: {
    schema: duration(),
    fallback: String(DEFAULT_TIMINGS.shutdownGraceMs),
    help: "time between the shutdown message and SIGTERM, in ms",
  },
  TORU_MAX_FRAME_BYTES: {
    schema: integer(1024, 1024 * 1024 * 1024, "bytes"),
    fallback: String(DEFAULT_MAX_FRAME_BYTES),
    help: "largest message to or from a plugin, in bytes",
  },
  TORU_MAX_BODY_BYTES: {
    schema: integer(1, Number.MAX_SAFE_INTEGER, "bytes"),
    fallback: null,
    help: "largest body that is streamed to a plugin, in bytes (default: no limit)",
  },
} as const satisfies Record<string, { schema: z.ZodType; fallback: string | null; help: string }>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** `TORU_DATA_DIR` → `data-dir`. */
export function flagName(name: SettingName): string {
  return name.slice("TORU_".length).toLowerCase().replaceAll("_", "-");
}
