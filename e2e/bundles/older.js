(() => {
  window["toru_plugin_acme"] = {
    mount: (container) => (container.textContent = "Older page"),
    unmount: () => (document.documentElement.dataset.left = "yes"),
  };
})();
