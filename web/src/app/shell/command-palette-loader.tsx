import { lazy, Suspense, useEffect, useState } from "react";
import { usePreference } from "#shared/preferences/use-preference.ts";

const Palette = lazy(() => import("#features/command-palette/command-palette.tsx"));
const OPEN = new EventTarget();

export function openCommandPalette(): void {
  OPEN.dispatchEvent(new Event("open"));
}

/** Ctrl-K or Cmd-K anywhere; its code is loaded at the first time. */
export function CommandPalette() {
  const [isOpen, setOpen] = useState(false);
  const [shortcuts] = usePreference("shortcuts");
  useEffect(() => {
    const open = () => setOpen(true);
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setOpen((wasOpen) => !wasOpen);
    };
    OPEN.addEventListener("open", open);
    window.addEventListener("keydown", onKey);
    return () => {
      OPEN.removeEventListener("open", open);
      window.removeEventListener("keydown", onKey);
    };
  }, [shortcuts]);
  return <Suspense fallback={null}>{isOpen && <Palette onClose={() => setOpen(false)} />}</Suspense>;
}
