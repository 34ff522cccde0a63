import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { enterTopLayer } from "./top-layer.ts";

const PLACES = {
  center: "m-auto w-[min(32rem,calc(100vw-2rem))] max-h-[calc(100dvh-4rem)] rounded-xl",
  right: "mr-0 ml-auto h-dvh max-h-dvh w-[min(46rem,100vw)] max-w-none border-y-0 border-r-0",
  left: "ml-0 mr-auto h-dvh max-h-dvh w-[min(18rem,85vw)] max-w-none border-y-0 border-l-0",
  top: "mx-auto mt-[12vh] mb-auto w-[min(38rem,calc(100vw-1.5rem))] max-h-[70dvh] rounded-xl",
} as const;

interface DialogProps {
  title: ReactNode;
  /** Only for screen readers. */
  hideTitle?: boolean;
  place?: keyof typeof PLACES;
  onClose: () => void;
  children: ReactNode;
  /** Beside the title. */
  actions?: ReactNode;
  /** A click beside it does not close it: what it holds would be lost. */
  keepsOpen?: boolean;
  /** Without padding of its own. */
  flush?: boolean;
}

/**
 * Open for as long as it is rendered. The browser's own modal dialog: it keeps the focus inside, makes the rest inert,
 * closes with Escape and gives the focus back.
 */
export function Dialog({
  title,
  hideTitle,
  place = "center",
  onClose,
  children,
  actions,
  keepsOpen,
  flush,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const t = useTranslations("common");
  // Closed before React takes it out of the document: else the browser does not give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    element.showModal();
    // A form is there to be filled in: by itself the focus would go to the button that closes.
    element.querySelector<HTMLElement>("form input")?.focus();
    const leave = enterTopLayer(element);
    return () => {
      leave();
      element.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      // By a click beside it, too, where the browser knows this.
      closedby={keepsOpen ? "closerequest" : "any"}
      aria-labelledby={titleId}
      className={classNames(
        "flex-col overflow-hidden border border-line bg-raised text-text shadow-(--toru-shadow) open:flex backdrop:bg-black/40",
        PLACES[place],
      )}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={classNames("flex items-center gap-2 border-b border-line px-4 py-2.5", hideTitle && "sr-only")}>
        <h2 id={titleId} className="min-w-0 flex-1 truncate text-base font-semibold">
          {title}
        </h2>
        {actions}
        {!hideTitle && (
          <IconButton label={t("close")} onClick={onClose}>
            <X size={18} aria-hidden />
          </IconButton>
        )}
      </div>
      <div className={classNames("min-h-0 flex-1 overflow-auto", !flush && "p-4")}>{children}</div>
    </dialog>
  );
}
