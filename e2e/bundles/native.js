// Styled by the shell's tokens alone.
window.ToruPlugins.acme = {
  mount(container) {
    container.innerHTML = `<p style="background: var(--toru-surface); color: var(--toru-brand)">Native page</p>`;
  },
  unmount() {},
};
