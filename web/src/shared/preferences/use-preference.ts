import { useSyncExternalStore } from "react";

/** What this browser remembers. All tabs follow a change. */
interface Preferences {
  theme: "system" | "light" | "dark";
  locale: "en" | "pl" | null;
  sidebar: "open" | "collapsed";
  shortcuts: "on" | "off";
  time: "local" | "utc";
  logWrap: "on" | "off";
}

const DEFAULTS: Preferences = {
  theme: "system",
  locale: null,
  sidebar: "open",
  shortcuts: "on",
  time: "local",
  logWrap: "on",
};

const values = new Map<keyof Preferences, unknown>();
const listeners = new Set<() => void>();

window.addEventListener("storage", (event) => {
  if (event.storageArea !== localStorage) return;
  values.clear();
  notify();
});

export function readPreference<K extends keyof Preferences>(name: K): Preferences[K] {
  if (!values.has(name)) values.set(name, load(name));
  return values.get(name) as Preferences[K];
}

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  values.set(name, value);
  try {
    localStorage.setItem(`toru.${name}`, JSON.stringify(value));
  } catch (error) {
    console.warn("The browser does not keep this choice:", error);
  }
  notify();
}

export function subscribeToPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<K extends keyof Preferences>(name: K): [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(subscribeToPreferences, () => readPreference(name));
  return [value, (next) => setPreference(name, next)];
}

function load<K extends keyof Preferences>(name: K): Preferences[K] {
  try {
    const text = localStorage.getItem(`toru.${name}`);
    return text === null ? DEFAULTS[name] : (JSON.parse(text) as Preferences[K]);
  } catch (error) {
    console.warn(`What this browser remembers of "${name}" cannot be read:`, error);
    return DEFAULTS[name];
  }
}

function notify(): void {
  for (const listener of listeners) listener();
}
