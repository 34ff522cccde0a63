export const session = {
  title: "Session",
} as const;
