import { describe, expect, test } from "bun:test";
import { TestHost } from "./support/test-host.ts";

describe("Plugin Key-Value Storage", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)(
    "KV persistence: the data is there after a restart of the host (%s)",
    async (signal) => {
      await using first = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
      await first.reaches("acme", "running", "healthy");
      expect(await first.json<object>("/plugins/acme/kv/set?key=k&value=kept")).toEqual({ value: null });
      first.signal(signal);
      await first.exited();

      await using second = await first.again();
      await second.reaches("acme", "running", "healthy");
      expect(await second.json<object>("/plugins/acme/kv/get?key=k")).toEqual({ value: "kept" });
      const stored = await second.post("/api/plugins/acme/kv", { action: "get", key: "k" });
      expect(await stored.json()).toEqual({ value: "kept" });
    },
  );

  test("a plugin that is disabled or replaced keeps its data", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await host.reaches("acme", "running", "healthy");
    await host.json("/plugins/acme/kv/set?key=k&value=kept");
    await host.post("/api/plugins/acme/disable");
    await host.reaches("acme", "disabled");
    const stored = await host.post("/api/plugins/acme/kv", { action: "get", key: "k" });
    expect(await stored.json()).toEqual({ value: "kept" });
    await host.post("/api/plugins/acme/enable");
    await host.reaches("acme", "running", "healthy");
    expect(await host.json<object>("/plugins/acme/kv/get?key=k")).toEqual({ value: "kept" });
  });
});
