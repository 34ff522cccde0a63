// Fails where `sessionStorage.failAt` says.
(() => {
  const failAt = sessionStorage.getItem("failAt");
  const fail = (where) => {
    throw new Error(`broken in ${where}`);
  };
  if (failAt === "script") fail("script");
  window.ToruPlugins.acme = {
    mount(container) {
      container.textContent = "Fragile page";
      if (failAt === "mount") fail("mount");
      if (failAt === "timer") setTimeout(() => fail("timer"));
      if (failAt === "promise") void Promise.resolve().then(() => fail("promise"));
      if (failAt === "text") void Promise.reject("broken in text");
      if (failAt === "async mount") return Promise.resolve().then(() => fail("async mount"));
      if (failAt === "never") return new Promise(() => {});
      return undefined;
    },
    unmount() {
      if (failAt === "unmount") fail("unmount");
      if (failAt === "async unmount") return Promise.resolve().then(() => fail("async unmount"));
      return undefined;
    },
  };
})();
