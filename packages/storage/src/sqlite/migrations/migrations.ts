import type { Migration } from "kysely/migration";
import { m0001Initial } from "./m0001-initial.ts";

/**
 * All migrations, applied in the order of their names. One that was released is never changed, renamed or removed.
 * In code, not in files: the compiled executable has no folder to read.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001_initial": m0001Initial,
};
