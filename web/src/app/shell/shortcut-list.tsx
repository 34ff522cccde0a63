import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslations } from "use-intl";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Dialog } from "#shared/ui/dialog.tsx";
import { isApple } from "./is-apple.ts";
import { SHORTCUTS } from "./shortcut-keys.ts";

export function ShortcutList({ onClose }: { onClose: () => void }) {
  const t = useTranslations("palette.shortcuts");
  const isAdmin = useIsAdmin();
  const listed = SHORTCUTS.filter(({ action }) => isAdmin || action !== "events");
  return (
    <Dialog title={t("title")} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2.5">
        <dt>{t("palette")}</dt>
        <dd>
          <Keys keys={[isApple() ? "⌘ K" : "Ctrl K"]} />
        </dd>
        {listed.map(({ action, keys }) => (
          <Fragment key={action}>
            <dt>{t(action)}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </Fragment>
        ))}
      </dl>
      <Link
        to="/account"
        onClick={onClose}
        className="mt-4 inline-block rounded-md text-[13px] text-brand underline underline-offset-2"
      >
        {t("off")}
      </Link>
    </Dialog>
  );
}

function Keys({ keys }: { keys: string[] }) {
  const t = useTranslations("palette.shortcuts");
  return (
    <span className="flex items-center justify-end gap-1.5 text-[13px] text-text-muted">
      {keys.map((key, index) => (
        <Fragment key={key}>
          {index > 0 && t("thenKey")}
          <kbd className="min-w-6 rounded border border-line-strong/60 bg-muted px-1.5 py-0.5 text-center font-sans text-text">
            {key}
          </kbd>
        </Fragment>
      ))}
    </span>
  );
}
