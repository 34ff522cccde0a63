import { expect, test } from "./support/test.ts";

/** Where nothing may be loaded from: a second name of this machine, and so another site. */
const FOREIGN = "http://foreign.localhost:9";

const ATTEMPTS = 10;

/** A page of a plugin that tries to run what the host has not served, and tells what came of it. */
const BUNDLE = `
window.ran = [];
window.ToruPlugins = window.ToruPlugins ?? {};
window.ToruPlugins.acme = {
  async mount(container) {
    const blocked = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => blocked.push(effectiveDirective));
    const attempt = (action) => { try { return action(); } catch (error) { return error.name; } };
    const add = (name, attributes, text = "") => {
      const element = Object.assign(document.createElement(name), attributes);
      element.textContent = text;
      document.body.append(element);
    };
    const told = [
      "eval: " + attempt(() => (0, eval)("window.ran.push('eval')")),
      "function: " + attempt(() => new Function("window.ran.push('function')")()),
      "fetch: " + (await fetch("${FOREIGN}/").then(() => "sent", (error) => error.name)),
    ];
    add("script", {}, "window.ran.push('inline')");
    add("script", { src: "data:text/javascript,window.ran.push('data')" });
    add("script", { src: URL.createObjectURL(new Blob(["window.ran.push('blob')"], { type: "text/javascript" })) });
    add("script", { src: "${FOREIGN}/script.js" });
    add("iframe", { src: "${FOREIGN}/frame" });
    add("object", { data: "${FOREIGN}/object" });
    const image = document.createElement("div");
    image.innerHTML = '<img src="data:," onerror="window.ran.push(\\'handler\\')">';
    document.body.append(image);
    const limit = performance.now() + 5_000;
    while (blocked.length < ${ATTEMPTS} && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    container.textContent = [...told, "ran: " + window.ran.join(), "blocked: " + blocked.toSorted().join()].join("; ");
  },
  unmount(container) { container.replaceChildren(); },
};`;

test.use({
  hostOptions: {
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.installBundle("acme", BUNDLE);
    },
  },
});

test("nothing runs in the panel that the host has not served, and nothing is loaded from elsewhere", async ({
  host,
  panel,
}) => {
  await host.reaches("acme", "running");
  await panel.goto("/view/acme");
  await expect(panel.getByText("eval: ")).toHaveText(
    /eval: EvalError; function: EvalError; fetch: TypeError; ran: ; blocked: /,
  );
  const told = (await panel.getByText("eval: ").textContent()) ?? "";
  expect((told.split("blocked: ")[1] ?? "").split(",")).toEqual([
    "connect-src",
    "frame-src",
    "object-src",
    "script-src", // eval
    "script-src", // Function
    "script-src-attr",
    ...Array<string>(4).fill("script-src-elem"),
  ]);
});
