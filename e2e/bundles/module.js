export function mount(container) {
  container.textContent = "Module page";
}
export function unmount() {
  document.documentElement.dataset.left = "yes";
}
