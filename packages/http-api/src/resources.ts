import { z } from "zod";

const cpu = z.number().nonnegative().nullable();
const bytes = z.number().int().nonnegative().nullable();

const CPU_OF_ALL = "Percent of all cores";
const CPU_OF_ONE = "Percent of one core: 250 is two and a half";
const MEMORY_USED = "In bytes: what programs cannot have any more";
const DISK_USED = "In bytes, on the file system of the data folder";
const RSS = "Resident memory, in bytes; pages that processes share count once each";

/** One point of each line. Null: not known, or nothing ran. */
export const resourceSampleSchema = z
  .object({
    at: z.iso.datetime(),
    host: z.object({
      cpu: cpu.meta({ description: CPU_OF_ALL }),
      memory_bytes: bytes.meta({ description: MEMORY_USED }),
      disk_used_bytes: bytes.meta({ description: DISK_USED }),
    }),
    process: z
      .object({ cpu: cpu.meta({ description: CPU_OF_ONE }), memory_bytes: bytes.meta({ description: RSS }) })
      .meta({ description: "The host's own process" }),
    plugins: z
      .record(
        z.string(),
        z.object({ cpu: cpu.meta({ description: CPU_OF_ONE }), memory_bytes: bytes.meta({ description: RSS }) }),
      )
      .meta({ description: "By id; all processes of a plugin together" }),
  })
  .meta({ id: "ResourceSample" });

/** The last ten minutes. All lists have one length, oldest first; empty where the system has no /proc. */
export const resourcesSchema = z
  .object({
    interval_ms: z.int().positive(),
    cores: z.int().positive(),
    memory_total_bytes: bytes,
    disk_total_bytes: bytes,
    at: z.array(z.iso.datetime()).meta({ description: "When each sample was taken" }),
    host: z.object({
      cpu: z.array(cpu).meta({ description: CPU_OF_ALL }),
      memory_bytes: z.array(bytes).meta({ description: MEMORY_USED }),
      disk_used_bytes: z.array(bytes).meta({ description: DISK_USED }),
    }),
    process: z
      .object({
        cpu: z.array(cpu).meta({ description: CPU_OF_ONE }),
        memory_bytes: z.array(bytes).meta({ description: RSS }),
      })
      .meta({ description: "The host's own process" }),
    plugins: z
      .record(
        z.string(),
        z.object({
          cpu: z.array(cpu).meta({ description: CPU_OF_ONE }),
          memory_bytes: z.array(bytes).meta({ description: RSS }),
        }),
      )
      .meta({ description: "By id; all processes of a plugin together. Null while it does not run" }),
  })
  .meta({ id: "Resources" });

export type ResourceSample = z.infer<typeof resourceSampleSchema>;
export type Resources = z.infer<typeof resourcesSchema>;
