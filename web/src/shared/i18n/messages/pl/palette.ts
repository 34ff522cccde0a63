export const palette = {
  title: "Palette",
};
