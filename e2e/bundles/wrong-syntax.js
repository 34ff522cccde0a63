window.ToruPlugins.acme = {
  mount(container) {,
};
