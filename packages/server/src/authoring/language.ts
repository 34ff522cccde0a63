export const LANGUAGES = ["rust", "python", "typescript"] as const;
export type Language = (typeof LANGUAGES)[number];

export const PAGES = ["react", "plain"] as const;
export type PageKind = (typeof PAGES)[number];
