// Keeps what it was handed where a test can reach it.
window.ToruPlugins.acme = {
  mount(container, api) {
    window.api = api;
    window.heard = [];
    api.subscribe((event) => window.heard.push(event));
    api.theme.subscribe((theme) => (container.dataset.theme = theme));
    container.dataset.theme = api.theme.current;
    container.innerHTML = "<h2>Api page</h2><p></p><button type='button'>Dig</button>";
    container.querySelector("p").textContent = `${api.user.username} is ${api.user.role}`;
    container.querySelector("button").addEventListener("click", () => {
      api.navigate("disks/sda/parts?sort=size");
      container.querySelector("p").textContent = location.pathname + location.search;
    });
  },
  unmount() {},
};
