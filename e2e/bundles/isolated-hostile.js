// Tries all that a script of the panel's origin could do, and tells what came of each.
(() => {
  const attempt = async (action) => {
    try {
      return String(await action());
    } catch (error) {
      return error.name;
    }
  };
  const byEvents = (target) =>
    new Promise((resolve) => {
      for (const type of ["load", "open", "message", "error"]) target.addEventListener(type, () => resolve(type));
    });
  const element = (name, fields) =>
    byEvents(document.head.appendChild(Object.assign(document.createElement(name), fields)));
  const violation = (action) =>
    new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), {
        once: true,
      });
      action();
    });
  const worker = (script) =>
    new Promise((resolve) => {
      const worker = new Worker(URL.createObjectURL(new Blob([script])));
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", () => resolve("error"));
    });
  const disable = { method: "POST", credentials: "include" };

  /** The port to the panel: it is given away by the next call that goes through it. */
  const stealPort = (api) =>
    new Promise((resolve) => {
      const method = Object.getOwnPropertyDescriptor(MessagePort.prototype, "postMessage");
      const value = function (...given) {
        Object.defineProperty(MessagePort.prototype, "postMessage", method);
        resolve(this);
        return this.postMessage(...given);
      };
      Object.defineProperty(MessagePort.prototype, "postMessage", { ...method, value });
      void api.kv.get("x");
    });
  const raw = (port, message) =>
    new Promise((resolve) => {
      port.addEventListener(
        "message",
        ({ data }) => data.id === message.id && resolve(data.type === "refusal" ? "refused" : "done"),
      );
      port.postMessage(message);
    });

  const attacks = (api, port) => ({
    origin: () => self.origin,
    cookie: () => document.cookie,
    "set cookie": () => (document.cookie = "a=b"),
    storage: () => localStorage.length,
    session: () => sessionStorage.length,
    databases: () => indexedDB.open("x"),
    caches: () => caches.open("x"),
    "service worker": () => navigator.serviceWorker.register("/theme.js"),
    "panel's document": () => parent.document.title,
    "panel's address": () => parent.location.href,
    "panel's globals": () => parent.ToruPlugins,
    "lead the panel away": () => (top.location.href = "/account"),
    "own element": () => frameElement,
    popup: () => open("/"),
    eval: () => Reflect.get(window, "eval")("1"),
    read: () => fetch("/api/auth/me?evil", { credentials: "include" }),
    manage: () => fetch("/api/plugins/acme/disable", disable),
    "manage blindly": () => fetch("/api/plugins/acme/disable", { ...disable, mode: "no-cors" }),
    "ask elsewhere": () => fetch("https://example.org/"),
    request: () => {
      const request = new XMLHttpRequest();
      request.open("POST", "/api/plugins/acme/disable");
      request.withCredentials = true;
      request.send();
      return byEvents(request);
    },
    events: () => byEvents(new EventSource("/api/events", { withCredentials: true })),
    socket: () => byEvents(new WebSocket(location.origin.replace("http", "ws") + "/plugins/acme/x")),
    worker: () =>
      worker(`fetch("${location.origin}/api/auth/me?evil", { credentials: "include" })
        .then(() => postMessage("done"), (error) => postMessage(error.name))`),
    image: () => element("img", { src: "/api/auth/me?evil" }),
    script: () => element("script", { src: "/api/plugins/acme/bundle.js" }),
    frame: async () => {
      const blocked = violation(() =>
        document.body.append(Object.assign(document.createElement("iframe"), { src: "/" })),
      );
      return (await blocked) === "frame-src" ? "blocked" : "shown";
    },
    form: () =>
      violation(() => {
        const form = Object.assign(document.createElement("form"), {
          action: "/api/plugins/acme/disable",
          method: "post",
        });
        document.body.append(form);
        form.submit();
      }),
    "redirected fetch": () => api.fetch("/disable", { method: "POST" }),
    "fetch outside": () => api.fetch("/../../api/plugins/acme/disable", { method: "POST" }),
    "navigate outside": () => api.navigate("/account"),
    "raw fetch outside": () =>
      raw(port, {
        type: "fetch",
        id: -1,
        path: "/../../api/plugins/acme/disable",
        method: "POST",
        headers: [],
        body: null,
      }),
    "raw fetch of another kind": () =>
      raw(port, { type: "fetch", id: -2, path: { toString: () => 0 }.x, method: "POST", headers: {}, body: "x" }),
    "raw kv": () => raw(port, { type: "kv", id: -3, action: "list", query: null }),
    "too many calls": async () => {
      const calls = Array.from({ length: 100 }, (_, n) =>
        raw(port, { type: "kv", id: -100 - n, action: "get", key: "x" }),
      );
      const ends = await Promise.all(calls);
      return ends.includes("refused") && ends.includes("done") ? "refused" : "done";
    },
  });

  window.ToruPlugins.evil = {
    async mount(container, api) {
      container.innerHTML = "<button>Leave</button> <button>Flood</button><p id='told'></p>";
      const port = await stealPort(api);
      const [leave, flood] = container.querySelectorAll("button");
      leave.addEventListener("click", () => (location.href = "/plugins/evil/"));
      flood.addEventListener("click", () => {
        for (let n = 0; n < 3000; n += 1) port.postMessage({ type: "toast", message: `toast ${n}`, kind: "info" });
      });
      for (const path of ["/account", "https://example.org/", 5]) port.postMessage({ type: "navigate", path });
      for (const message of [null, 1, "x", [], {}, { type: "__proto__" }, { type: "fetch", id: Number.NaN }])
        port.postMessage(message);
      parent.postMessage({ type: "navigate", path: "/account" }, "*");
      const told = {};
      for (const [name, attack] of Object.entries(attacks(api, port))) told[name] = await attempt(attack);
      container.querySelector("#told").textContent = JSON.stringify({ ...told, done: "yes" });
    },
  };
})();
