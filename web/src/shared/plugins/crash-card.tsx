import { Link } from "@tanstack/react-router";
import { Power, RotateCw, ScrollText, TriangleAlert } from "lucide-react";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Button, buttonClass } from "#shared/ui/button.tsx";
import { Card } from "#shared/ui/page.tsx";
import { CrashFacts } from "./crash-facts.tsx";
import { CrashOutput } from "./crash-output.tsx";
import { usePluginActions } from "./plugin-actions.ts";
import type { InstalledPlugin } from "./plugin.ts";
import { useNow } from "./use-now.ts";

/** What happened to a plugin that is down, what comes next, and what a person can do. */
export function CrashCard({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.crash");
  const hostText = useHostText();
  const isAdmin = useIsAdmin();
  const titleId = useId();
  const isFailed = plugin.status === "failed";
  const { crash } = plugin;
  return (
    <Card className="overflow-hidden border-bad/40">
      <section aria-labelledby={titleId} className="flex flex-col gap-3 p-4">
        <div className="flex items-start gap-3">
          <TriangleAlert size={20} aria-hidden className="mt-0.5 shrink-0 text-bad" />
          <div className="flex min-w-0 flex-1 flex-col gap-1">
            <h3 id={titleId} className="text-base font-semibold wrap-anywhere">
              {t(isFailed ? "titleFailed" : "title", { name: plugin.name })}
            </h3>
            {crash === null ? (
              <p className="text-text-muted wrap-anywhere">{asSentence(hostText(plugin.health_reason ?? ""))}</p>
            ) : (
              <CrashFacts crash={crash} />
            )}
            <NextTry plugin={plugin} />
          </div>
        </div>
        {isAdmin && <CrashButtons plugin={plugin} />}
        {isAdmin && crash !== null && <CrashOutput lines={crash.output} />}
      </section>
    </Card>
  );
}

function NextTry({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.crash");
  const hostText = useHostText();
  const now = useNow();
  const { status, crashes, crash_limit: limit, retryAt } = plugin;
  if (status === "failed") {
    const isByLimit = crashes >= limit;
    return <p>{isByLimit ? t("failed", { count: limit }) : `${asSentence(hostText(plugin.health_reason ?? ""))}.`}</p>;
  }
  const seconds = retryAt === null ? 0 : Math.max(0, Math.floor((retryAt - now) / 1_000));
  return (
    <p className="flex flex-wrap gap-x-1.5">
      {/* A timer is not read out by itself. */}
      <span role="timer" className="font-medium tabular-nums">
        {status === "backoff" && seconds > 0 ? t("nextTry", { seconds }) : t("tryingNow")}
      </span>
      <span className="text-text-muted">{t("attempt", { crashes, limit })}</span>
    </p>
  );
}

function CrashButtons({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins");
  const { setEnabled, restart } = usePluginActions();
  return (
    <div className="flex flex-wrap gap-2">
      {plugin.status === "failed" ? (
        <Button variant="primary" onClick={() => setEnabled(plugin, true)}>
          <Power size={16} aria-hidden />
          {t("enable")}
        </Button>
      ) : (
        <>
          <Button variant="primary" onClick={() => restart(plugin)}>
            <RotateCw size={16} aria-hidden />
            {t("restartNow")}
          </Button>
          <Button onClick={() => setEnabled(plugin, false)}>
            <Power size={16} aria-hidden />
            {t("disable")}
          </Button>
        </>
      )}
      <Link to="/logs/$id" params={{ id: plugin.id }} className={buttonClass()}>
        <ScrollText size={16} aria-hidden />
        {t("openLogs")}
      </Link>
    </div>
  );
}
