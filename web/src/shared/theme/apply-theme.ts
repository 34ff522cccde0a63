import { readPreference, subscribeToPreferences } from "#shared/preferences/use-preference.ts";

/** Keeps `color-scheme` of the page at what was chosen; everything else follows from it. */
export function applyTheme(): void {
  const apply = () => {
    const theme = readPreference("theme");
    const schemes = theme === "system" ? "light dark" : theme;
    // Important: a plugin's style sheet does not change it.
    document.documentElement.style.setProperty("color-scheme", schemes, "important");
  };
  apply();
  subscribeToPreferences(apply);
}
