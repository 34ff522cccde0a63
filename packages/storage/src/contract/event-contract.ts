import { describe, expect } from "bun:test";
import type { EventStore, NewPluginEvent, PluginEventType } from "@toru/core";
import { storageTest, type MakeFixture } from "./fixture.ts";

const KEPT = 10_000;
/** A store may prune in steps of its own; this far above `KEPT` it must have. */
const MOST_EVER = KEPT + 500;

/** Spec: "Log plugin events". */
export function eventContract(make: MakeFixture): void {
  describe("events", () => {
    storageTest(
      make,
      "append returns the event with an id that grows, list returns the newest first",
      async ({ events }) => {
        const first = await events.append(event("acme", "started", { attempt: 1 }));
        const second = await events.append(event("acme", "crashed", { code: null, output: ["\ud800", "__proto__"] }));
        expect(first).toEqual({ id: first.id, ...event("acme", "started", { attempt: 1 }) });
        expect(second.id).toBeGreaterThan(first.id);
        expect(await events.list({ limit: 10 })).toEqual({ events: [second, first], more: false });
      },
    );

    storageTest(make, "every type of event is taken, another one is not", async ({ events }) => {
      const types: PluginEventType[] = [
        "started",
        "stopped",
        "crashed",
        "restarted",
        "enabled",
        "disabled",
        "unhealthy",
      ];
      for (const type of types) await events.append(event("acme", type));
      expect((await events.list({ limit: 10 })).events.map(({ type }) => type)).toEqual(types.toReversed());
      expect(events.append(event("acme", "exploded" as PluginEventType))).rejects.toMatchObject({ code: "constraint" });
    });

    storageTest(make, "list filters by plugin and by types, alone and together", async ({ events }) => {
      const ids = await appendAll(events, [
        event("acme", "started"),
        event("backup", "started"),
        event("acme", "crashed"),
        event("backup", "crashed"),
        event("acme", "disabled"),
      ]);
      const found = async (query: { pluginId?: string; types?: PluginEventType[] }) => {
        const { events: page, more } = await events.list({ ...query, limit: 10 });
        expect(more).toBe(false);
        return page.map(({ id }) => ids.indexOf(id));
      };
      expect(await found({ pluginId: "acme" })).toEqual([4, 2, 0]);
      expect(await found({ types: ["crashed"] })).toEqual([3, 2]);
      expect(await found({ types: ["crashed", "disabled"] })).toEqual([4, 3, 2]);
      expect(await found({ pluginId: "acme", types: ["started", "crashed"] })).toEqual([2, 0]);
      expect(await found({ pluginId: "backup", types: ["disabled"] })).toEqual([]);
      expect(await found({ types: [] })).toEqual([]);
      expect(await found({ pluginId: "ACME" })).toEqual([]);
    });

    storageTest(make, "pages walk back without shifting while events arrive", async ({ events }) => {
      const ids = await appendAll(
        events,
        Array.from({ length: 25 }, () => event("acme", "started")),
      );
      const seen: number[] = [];
      let page = await events.list({ pluginId: "acme", limit: 10 });
      while (true) {
        seen.push(...page.events.map(({ id }) => id));
        await events.append(event("acme", "stopped"));
        if (!page.more) break;
        page = await events.list({ pluginId: "acme", limit: 10, before: seen.at(-1) ?? 0 });
      }
      expect(seen).toEqual(ids.toReversed());
    });

    storageTest(make, "the newest 10,000 of each plugin are kept", async (storage, fixture) => {
      const quiet = await storage.events.append(event("quiet", "started"));
      const ids = await appendAll(
        storage.events,
        Array.from({ length: KEPT + 600 }, () => event("acme", "started")),
      );
      const kept = async () =>
        (await storage.events.list({ pluginId: "acme", limit: 20_000 })).events.map(({ id }) => id);
      const before = await kept();
      expect(before.length).toBeGreaterThanOrEqual(KEPT);
      expect(before.length).toBeLessThanOrEqual(MOST_EVER);
      expect(before).toEqual(ids.toReversed().slice(0, before.length));
      expect((await storage.events.list({ pluginId: "quiet", limit: 10 })).events).toEqual([quiet]);

      const reopened = await fixture.open();
      await reopened.events.append(event("acme", "stopped"));
      expect((await kept()).length).toBeLessThanOrEqual(MOST_EVER);
    });

    storageTest(
      make,
      "events persist, and ids go on growing, when the database is opened again",
      async (storage, fixture) => {
        const stored = await storage.events.append(event("acme", "started", { attempt: 1 }));
        await storage.close();
        const { events } = await fixture.open();
        const next = await events.append(event("acme", "stopped"));
        expect(next.id).toBeGreaterThan(stored.id);
        expect(await events.list({ limit: 1, before: next.id })).toEqual({ events: [stored], more: false });
      },
    );
  });
}

function event(pluginId: string, type: PluginEventType, details: Record<string, unknown> = {}): NewPluginEvent {
  return { pluginId, type, timestamp: "2026-01-02T03:04:05.678Z", details };
}

async function appendAll(events: EventStore, all: NewPluginEvent[]): Promise<number[]> {
  const stored = await Promise.all(all.map((one) => events.append(one)));
  return stored.map(({ id }) => id);
}
