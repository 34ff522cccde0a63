import { type ComponentType, useCallback, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { toast } from "#shared/ui/toast.ts";
import { openShortcutList } from "./shortcuts.tsx";

const OPEN = new EventTarget();

export function openCommandPalette(): void {
  OPEN.dispatchEvent(new Event("open"));
}

interface PaletteProps {
  onClose: () => void;
  onShowShortcuts: () => void;
}

async function loadPalette(): Promise<ComponentType<PaletteProps>> {
  return (await import("#features/command-palette/command-palette.tsx")).default;
}

/** Ctrl-K or Cmd-K anywhere. Its code is loaded when the first of the two keys goes down. */
export function CommandPalette() {
  const t = useTranslations("palette");
  const [isOpen, setOpen] = useState(false);
  const [loaded, setLoaded] = useState<{ Palette: ComponentType<PaletteProps> } | null>(null);
  const load = useCallback(
    () =>
      loadPalette().then(
        (Palette) => setLoaded({ Palette }),
        (error: unknown) => {
          console.error("The command palette did not load:", error);
          setOpen(false);
          toast.error(t("loadFailed"));
        },
      ),
    [t],
  );
  useEffect(() => {
    const open = () => {
      setOpen(true);
      void load();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Control" || event.key === "Meta") void loadPalette().catch(() => undefined);
      if (!isPaletteKey(event)) return;
      event.preventDefault();
      setOpen((wasOpen) => !wasOpen);
      void load();
    };
    OPEN.addEventListener("open", open);
    window.addEventListener("keydown", onKey);
    return () => {
      OPEN.removeEventListener("open", open);
      window.removeEventListener("keydown", onKey);
    };
  }, [load]);
  if (!isOpen || loaded === null) return null;
  return <loaded.Palette onClose={() => setOpen(false)} onShowShortcuts={openShortcutList} />;
}

function isPaletteKey(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}
