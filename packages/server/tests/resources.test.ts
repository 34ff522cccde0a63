import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resourceSampleSchema, resourcesSchema, type ResourceSample, type Resources } from "@toru/http-api";
import { EventReader } from "./support/event-reader.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "off");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.post("/api/plugins/off/disable");
  await host.reaches("off", "disabled");
});

afterAll(() => host[Symbol.asyncDispose]());

async function resources(): Promise<Resources> {
  return resourcesSchema.parse(await host.json("/api/resources"));
}

/** Waits for a sample of the stream that fits. */
async function sample(reader: EventReader, what: string, fits: (sample: ResourceSample) => boolean) {
  const { data, id } = await reader.find(
    what,
    ({ name, data }) => name === "resources" && fits(resourceSampleSchema.parse(data)),
  );
  return { ...resourceSampleSchema.parse(data), id };
}

describe.if(process.platform === "linux")("What the machine, the host and its plugins use", () => {
  test("samples come on the stream of changes, and are kept", async () => {
    await using reader = await EventReader.open((signal) => host.fetch("/api/events", { signal }));
    const { id, plugins, process: own } = await sample(reader, "two samples", ({ host }) => host.cpu !== null);
    expect(id).toBe("");
    expect(plugins["off"]).toEqual({ cpu: null, memory_bytes: null });
    expect(plugins["acme"]?.memory_bytes).toBeGreaterThan(1_000_000);
    expect(own.memory_bytes).toBeGreaterThan(10_000_000);
    const kept = await until("acme's processor time is known", async () => {
      const kept = await resources();
      return (kept.plugins["acme"]?.cpu.at(-1) ?? null) === null ? null : kept;
    });
    expect(kept).toMatchObject({ interval_ms: 5_000, cores: expect.any(Number) });
    const { at, host: machine, process: lines, plugins: known } = kept;
    const lists = [machine, lines, ...Object.values(known)].flatMap((line) => Object.values<unknown[]>(line));
    for (const list of lists) expect(list).toHaveLength(at.length);
    expect(at.toSorted()).toEqual(at);
    expect(machine.memory_bytes.at(-1)).toBeLessThan(kept.memory_total_bytes ?? 0);
    expect(machine.disk_used_bytes.at(-1)).toBeLessThan(kept.disk_total_bytes ?? 0);
    expect(lines.cpu.at(-1)).toBeGreaterThanOrEqual(0);
  });

  test("a plugin that was stopped leaves a gap", async () => {
    await using reader = await EventReader.open((signal) => host.fetch("/api/events", { signal }));
    await host.post("/api/plugins/acme/disable");
    await host.reaches("acme", "disabled");
    await sample(reader, "the gap", ({ plugins }) => plugins["acme"]?.memory_bytes === null);
    expect((await resources()).plugins["acme"]?.memory_bytes.at(-1)).toBeNull();
  });
});
