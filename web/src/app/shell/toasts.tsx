import { useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Toaster } from "sonner";
import { useTranslations } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { onTopLayerChange, topDialog } from "#shared/ui/top-layer.ts";

const LOOK = {
  "--normal-bg": "var(--toru-raised)",
  "--normal-text": "var(--toru-text)",
  "--normal-border": "var(--toru-line)",
  "--border-radius": "var(--toru-radius)",
  "--width": "22rem",
} as React.CSSProperties;

/** Announced politely, and long enough to be read. They move into whatever dialog is open, with their container. */
export function Toasts() {
  const t = useTranslations("shell");
  const [theme] = usePreference("theme");
  const home = useRef<HTMLDivElement>(null);
  const [container] = useState(() => document.createElement("div"));
  useLayoutEffect(() => {
    const place = () => (topDialog() ?? home.current)?.append(container);
    place();
    return onTopLayerChange(place);
  }, [container]);
  return (
    <div ref={home}>
      {createPortal(
        <Toaster
          theme={theme}
          style={LOOK}
          position="bottom-right"
          duration={6_000}
          closeButton
          visibleToasts={4}
          containerAriaLabel={t("notifications")}
          toastOptions={{ closeButtonAriaLabel: t("closeNotification") }}
        />,
        container,
      )}
    </div>
  );
}
