import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { readPreference, setPreference, usePreference } from "#shared/preferences/use-preference.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { pressShortcut, type ShortcutAction } from "./shortcut-keys.ts";
import { ShortcutList } from "./shortcut-list.tsx";

const OPEN = new EventTarget();

export function openShortcutList(): void {
  OPEN.dispatchEvent(new Event("open"));
}

/** Single keys, unless they were turned off; never while somebody types or a plugin's page has the focus. */
export function Shortcuts() {
  const [isListed, setListed] = useState(false);
  const [shortcuts] = usePreference("shortcuts");
  const navigate = useNavigate();
  const isAdmin = useIsAdmin();
  const run = useEffectEvent((action: ShortcutAction, event: KeyboardEvent) => {
    if (action === "search") return focusSearch(event);
    event.preventDefault();
    if (action === "help") setListed(true);
    else if (action === "sidebar") toggleSidebar();
    else if (action === "home") void navigate({ to: "/" });
    else if (action === "manager") void navigate({ to: "/plugins-manager" });
    else if (isAdmin) void navigate({ to: "/events" });
  });
  useEffect(() => {
    const show = () => setListed(true);
    OPEN.addEventListener("open", show);
    return () => OPEN.removeEventListener("open", show);
  }, []);
  useEffect(() => {
    if (shortcuts === "off") return;
    let gAt: number | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (!isFree(event)) return;
      const pressed = pressShortcut(gAt, event.key, event.timeStamp);
      ({ gAt } = pressed);
      if (pressed.action !== null) run(pressed.action, event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [shortcuts]);
  return isListed ? <ShortcutList onClose={() => setListed(false)} /> : null;
}

/** Where a key has a meaning of its own already. */
const OWN_KEYS =
  "input, textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], [role=application], dialog, [popover], #toru-plugin-outlet";

function isFree(event: KeyboardEvent): boolean {
  // AltGr, which some keyboards need for a bracket, shows as Ctrl and Alt.
  const isCommand = (event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph");
  if (event.defaultPrevented || event.isComposing || event.metaKey || isCommand) return false;
  return !event.composedPath().some((target) => target instanceof Element && target.matches(OWN_KEYS));
}

/** The page's search, if it has one. */
function focusSearch(event: KeyboardEvent): void {
  const shell = document.querySelector("#toru")?.shadowRoot;
  const field = shell?.querySelector<HTMLInputElement>('main input[type="search"]');
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function toggleSidebar(): void {
  setPreference("sidebar", readPreference("sidebar") === "open" ? "collapsed" : "open");
}
