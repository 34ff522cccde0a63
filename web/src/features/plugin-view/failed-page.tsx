import { Bug } from "lucide-react";
import { useTranslations } from "use-intl";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { Button } from "#shared/ui/button.tsx";
import { FailureDetails } from "./failure-details.tsx";
import type { PageFailure } from "./page-failure.ts";

interface FailedPageProps {
  plugin: InstalledPlugin;
  failure: PageFailure;
  onRetry: () => void;
}

/** In place of a page that could not be shown. */
export function FailedPage({ plugin, failure, onRetry }: FailedPageProps) {
  const t = useTranslations();
  const { name, version } = plugin;
  return (
    <div role="alert" className="mx-auto flex w-full max-w-2xl flex-col items-center gap-2 px-4 py-12 text-center">
      <Bug size={28} aria-hidden className="mb-1 text-bad" />
      <p className="text-base font-semibold">{t("view.failedTitle", { name })}</p>
      <p className="text-text-muted">{t(`view.failed.${failure.stage}`, { id: plugin.id })}</p>
      {failure.message && (
        <p className="mt-1 rounded-md bg-bad-soft px-3 py-2 font-mono text-[13px] wrap-anywhere text-bad">
          {failure.message}
        </p>
      )}
      <Button className="mt-3" variant="primary" onClick={onRetry}>
        {t("common.retry")}
      </Button>
      <FailureDetails failure={failure} version={`${name} ${version}`} />
    </div>
  );
}
