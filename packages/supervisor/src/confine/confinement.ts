import { isObject } from "@toru/protocol";

/** What one plugin may use, all its processes together unless told otherwise. Null: no limit. */
export interface PluginLimits {
  memoryMib: number | null;
  processes: number | null;
  /** Of one processor; 200 is two of them. */
  cpuPercent: number | null;
  /** CPU time that each of its processes may use in its life. */
  cpuSeconds: number | null;
}

/** How a plugin is kept from the rest of the machine, by its entry in `config.json`. */
export interface Confinement {
  /** Name or number of the user that it runs as; null: as the host does. */
  user: string | null;
  limits: PluginLimits;
}

export const UNCONFINED: Confinement = {
  user: null,
  limits: { memoryMib: null, processes: null, cpuPercent: null, cpuSeconds: null },
};

const LIMITS = {
  memory_mib: "memoryMib",
  processes: "processes",
  cpu_percent: "cpuPercent",
  cpu_seconds: "cpuSeconds",
} as const;
/** Of any limit. */
const MAX_LIMIT = 1_000_000;
const USER = /^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,9})$/;

/** The confinement of a plugin's entry, or what is wrong with it, as "… is …". Keys that are not known are left alone. */
export function parseConfinement(entry: Record<string, unknown>): Confinement | string {
  const { user = null, limits = {} } = entry;
  if (user !== null && (typeof user !== "string" || !USER.test(user))) return "user is no name or number of a user";
  if (!isObject(limits)) return "limits is not an object";
  const found = { ...UNCONFINED.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(LIMITS, name)) return `limits.${name} is none of ${Object.keys(LIMITS).join(", ")}`;
    if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > MAX_LIMIT) {
      return `limits.${name} is not a whole number from 1 to ${MAX_LIMIT}`;
    }
    found[LIMITS[name as keyof typeof LIMITS]] = Number(value);
  }
  return { user, limits: found };
}
