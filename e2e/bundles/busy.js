// Takes hold of much, and lets go of all of it.
(() => {
  const timers = new WeakMap();
  window.mounts ??= 0;
  window.ToruPlugins.acme = {
    mount(container, api) {
      window.mounts += 1;
      const list = document.createElement("ul");
      list.append(
        ...Array.from({ length: 200 }, (_, index) => {
          const item = document.createElement("li");
          item.textContent = `Item ${index}`;
          item.addEventListener("click", () => container.append("x"));
          return item;
        }),
      );
      container.append(list);
      container.payload = Array.from({ length: 20_000 }, () => window.mounts);
      window.addEventListener("resize", () => container.append("y"), { signal: api.signal });
      api.subscribe(() => container.append("z"));
      api.theme.subscribe(() => container.append("t"));
      timers.set(
        container,
        setInterval(() => container.append("i"), 1_000),
      );
    },
    unmount(container) {
      clearInterval(timers.get(container));
    },
  };
})();
