import { expect, test } from "./support/test.ts";

/** Tries all that a script of the panel's origin could do for the admin who opened it, and tells what came of it. */
const ATTACK = `<!doctype html><title>attack</title><p id="told">waiting</p><script type="module">
  const attempt = async (name, action) => {
    try { return name + ": " + (await action()); } catch (error) { return name + ": " + error.name; }
  };
  const status = (path, init) => fetch(path, { credentials: "include", ...init }).then((answer) => answer.status);
  const told = [
    await attempt("origin", () => self.origin),
    await attempt("cookie", () => document.cookie),
    await attempt("storage", () => localStorage.length),
    await attempt("read", () => status("/api/auth/me")),
    await attempt("manage", () => status("/api/plugins/acme/disable", { method: "POST" })),
    await attempt("blind", () => fetch("/api/plugins/acme/disable", { method: "POST", mode: "no-cors", credentials: "include" }).then(() => "sent")),
    await attempt("opener", () => window.parent === window ? "none" : window.parent.document.title),
    await attempt("socket", () => new Promise((done) => {
      const socket = new WebSocket(location.href.replace("http", "ws"));
      socket.onopen = () => done("open");
      socket.onerror = () => done("refused");
    })),
  ];
  document.querySelector("#told").textContent = told.join("; ");
</script>`;

test.use({
  hostOptions: {
    prepare: async (host) => host.install("v2", "acme", { bundle: ATTACK, bundle_type: "text/html" }),
  },
});

test("a document that a plugin serves runs, but cannot act as the admin who opened it", async ({ host, panel }) => {
  await host.reaches("acme", "running");

  const blind = panel.waitForResponse("**/api/plugins/acme/disable");
  await panel.goto("/plugins/acme/bundle.js");
  const told = panel.locator("#told");
  await expect(told).toContainText("socket");
  const text = (await told.textContent()) ?? "";
  expect(text).toContain(
    "origin: null; cookie: SecurityError; storage: SecurityError; read: TypeError; manage: TypeError;",
  );
  expect(text).toContain("socket: refused");
  // The browser does not even send the admin's cookie along.
  expect((await blind).status()).toBe(401);
  expect(await host.plugin("acme")).toMatchObject({ enabled: true, status: "running" });
  const me = await panel.request.get("/api/auth/me");
  expect(me.status()).toBe(200);
});
