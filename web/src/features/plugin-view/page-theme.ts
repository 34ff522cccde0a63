import type { ThemeName } from "@toru/page";
import { readPreference, subscribeToPreferences } from "#shared/preferences/use-preference.ts";

/** What shows now: the choice, or the system's. */
export function currentTheme(): ThemeName {
  const choice = readPreference("theme");
  if (choice !== "system") return choice;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Hears of each change until `signal` is aborted. */
export function followTheme(listener: (theme: ThemeName) => void, signal: AbortSignal): void {
  let last = currentTheme();
  const look = () => {
    const theme = currentTheme();
    if (theme === last) return;
    last = theme;
    listener(theme);
  };
  const unsubscribe = subscribeToPreferences(look);
  signal.addEventListener("abort", unsubscribe, { once: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look, { signal });
}
