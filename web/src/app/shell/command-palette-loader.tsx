import { type ComponentType, useCallback, useEffect, useEffectEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { toast } from "#shared/ui/toast.ts";
import { openShortcutList } from "./shortcuts.tsx";

const OPEN = new EventTarget();

export function openCommandPalette(): void {
  OPEN.dispatchEvent(new Event("open"));
}

/** What was pressed while the palette's code was on the way. */
interface EarlyInput {
  query: string;
  /** Enter came behind it: the first match is wanted. */
  isEntered: boolean;
}

interface PaletteProps {
  early: EarlyInput;
  onClose: () => void;
  onShowShortcuts: () => void;
}

async function loadPalette(): Promise<ComponentType<PaletteProps>> {
  return (await import("#features/command-palette/command-palette.tsx")).default;
}

/** Ctrl-K or Cmd-K anywhere. Its code is loaded when the first of the two keys goes down. */
export function CommandPalette() {
  const t = useTranslations("palette");
  // Null while it is closed.
  const [early, setEarly] = useState<EarlyInput | null>(null);
  const [loaded, setLoaded] = useState<{ Palette: ComponentType<PaletteProps> } | null>(null);
  const isOpen = early !== null;
  const close = useCallback(() => setEarly(null), []);
  const open = useEffectEvent(() => {
    setEarly({ query: "", isEntered: false });
    void loadPalette().then(
      (Palette) => setLoaded({ Palette }),
      (error: unknown) => {
        console.error("The command palette did not load:", error);
        close();
        toast.error(t("loadFailed"));
      },
    );
  });
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Control" || event.key === "Meta") void loadPalette().catch(() => undefined);
    if (!isPaletteKey(event)) return;
    event.preventDefault();
    if (isOpen) close();
    else open();
  });
  useEffect(() => {
    const onOpen = () => open();
    const onKeyDown = (event: KeyboardEvent) => onKey(event);
    OPEN.addEventListener("open", onOpen);
    window.addEventListener("keydown", onKeyDown);
    return () => {
      OPEN.removeEventListener("open", onOpen);
      window.removeEventListener("keydown", onKeyDown);
    };
  }, []);
  if (!isOpen) return null;
  if (loaded === null) return <EarlyKeys input={early} onInput={setEarly} onClose={close} />;
  return <loaded.Palette early={early} onClose={close} onShowShortcuts={openShortcutList} />;
}

interface EarlyKeysProps {
  input: EarlyInput;
  onInput: (input: EarlyInput) => void;
  onClose: () => void;
}

/** Keys that come before the palette shows are meant for it, and for nothing else. */
function EarlyKeys({ input, onInput, onClose }: EarlyKeysProps) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") onInput({ ...input, isEntered: true });
    else if (event.key.length === 1 && !input.isEntered) onInput({ ...input, query: input.query + event.key });
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
  return null;
}

function isPaletteKey(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}
