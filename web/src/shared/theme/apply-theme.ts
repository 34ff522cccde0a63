import { readPreference, subscribeToPreferences } from "#shared/preferences/use-preference.ts";

/** Keeps `color-scheme` of the page at what was chosen; everything else follows from it. */
export function applyTheme(): void {
  const apply = () => {
    const theme = readPreference("theme");
    document.documentElement.style.colorScheme = theme === "system" ? "light dark" : theme;
  };
  apply();
  subscribeToPreferences(apply);
}
