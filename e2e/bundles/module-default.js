const page = {
  text: "Default page",
  mount(container) {
    container.textContent = this.text;
  },
  unmount() {
    document.documentElement.dataset.left = "yes";
  },
};
export default page;
