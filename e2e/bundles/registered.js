// The form of today. What is done to it is told in `window.calls`.
window.calls ??= [];
window.calls.push("run");
window.ToruPlugins.acme = {
  mount(container) {
    window.calls.push(`mount ${document.querySelector("#toru-plugin-outlet > *") === container}`);
    container.innerHTML = "<h2>Registered page</h2>";
  },
  unmount(container) {
    window.calls.push(`unmount ${container.isConnected}`);
  },
};
