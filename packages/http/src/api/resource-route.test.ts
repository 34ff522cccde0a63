import { expect, test } from "bun:test";
import { resourceSampleSchema, resourcesSchema } from "@toru/http-api";
import { eventually } from "../testing/eventually.ts";
import { SseClient } from "../testing/sse-client.ts";
import { TestHost } from "../testing/test-host.ts";

test("all lists have one length, oldest first, with gaps where a plugin did not run", async () => {
  await using host = await TestHost.start();
  const read = async () => {
    const response = await host.fetch("/api/resources", { headers: await host.session("ada") });
    return resourcesSchema.parse(await response.json());
  };
  expect(await read()).toMatchObject({ at: [], host: { cpu: [] }, process: { cpu: [] }, plugins: {} });
  host.resources.take({ acme: { cpu: null, memoryBytes: 10 } });
  host.resources.take({ acme: { cpu: 7.77, memoryBytes: 20 }, late: { cpu: 0, memoryBytes: 1 } });
  host.resources.take({ late: { cpu: 250, memoryBytes: 2 } });
  expect(await read()).toEqual({
    interval_ms: 5_000,
    cores: 4,
    memory_total_bytes: 8_000,
    disk_total_bytes: 90_000,
    at: ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:05.000Z", "1970-01-01T00:00:10.000Z"],
    host: { cpu: [12.3, 12.3, 12.3], memory_bytes: [4_000, 4_000, 4_000], disk_used_bytes: [50_000, 50_000, 50_000] },
    process: { cpu: [1.3, 1.3, 1.3], memory_bytes: [100, 100, 100] },
    plugins: {
      acme: { cpu: [null, 7.8, null], memory_bytes: [10, 20, null] },
      late: { cpu: [null, 0, 250], memory_bytes: [null, 1, 2] },
    },
  });
});

test("each new sample comes on the stream of changes, without an id, and changes no cursor", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  host.resources.take({});
  const leaving = new AbortController();
  const client = new SseClient(await host.fetch("/api/events", { headers, signal: leaving.signal }));
  const hello = await client.next();
  expect(hello?.name).toBe("hello");
  host.resources.take({ acme: { cpu: 3, memoryBytes: 4 } });
  const event = await client.next();
  expect(event).toMatchObject({ name: "resources", id: null });
  expect(resourceSampleSchema.parse(JSON.parse(event?.data ?? ""))).toEqual({
    at: "1970-01-01T00:00:05.000Z",
    host: { cpu: 12.3, memory_bytes: 4_000, disk_used_bytes: 50_000 },
    process: { cpu: 1.3, memory_bytes: 100 },
    plugins: { acme: { cpu: 3, memory_bytes: 4 } },
  });
  host.plugins.change("no pong");
  expect(await client.next()).toMatchObject({ name: "plugin", id: expect.stringMatching(/:1$/) });
  leaving.abort();
  await eventually("nobody listens", () => host.resources.listeners.size === 0);
  const again = new SseClient(
    await host.fetch("/api/events", { headers: { ...headers, "last-event-id": hello?.id ?? "" } }),
  );
  expect([(await again.next())?.name, (await again.next())?.name]).toEqual(["plugin", "hello"]);
});
