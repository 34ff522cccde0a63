export const view = {
  title: "View",
};
