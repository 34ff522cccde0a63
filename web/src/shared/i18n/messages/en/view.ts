export const view = {
  title: "View",
} as const;
