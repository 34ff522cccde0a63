import { Link, useParams } from "@tanstack/react-router";
import { FileX, MapPinOff, PowerOff } from "lucide-react";
import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { CrashCard } from "#shared/plugins/crash-card.tsx";
import { usePluginActions } from "#shared/plugins/plugin-actions.ts";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled, type PanelPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Button, buttonClass } from "#shared/ui/button.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { PluginPage } from "./plugin-page.tsx";

/** `/view/<id>` and whatever follows it: the plugin's page, or why it is not there. */
export function ViewPage() {
  const { id } = useParams({ from: "/shell/view/$id" });
  const named = usePlugins().filter((plugin) => plugin.id === id);
  // Another file that names the id of a plugin is invalid.
  const plugin = named.find(isInstalled) ?? named[0];
  const name = plugin !== undefined && isInstalled(plugin) ? plugin.name : id;
  return (
    <>
      <h1 className="sr-only">{name}</h1>
      <View id={id} plugin={plugin} />
    </>
  );
}

function View({ id, plugin }: { id: string; plugin: PanelPlugin | undefined }) {
  const t = useTranslations("common.condition");
  if (plugin === undefined) return <UnknownPlugin id={id} />;
  if (!isInstalled(plugin)) return <InvalidPlugin id={id} reason={plugin.reason} />;
  const condition = conditionOf(plugin);
  switch (condition) {
    case "crashed":
    case "failed":
      return (
        <div className="mx-auto w-full max-w-3xl px-4 py-5 md:px-6">
          <h2 className="sr-only">{t(condition)}</h2>
          <CrashCard plugin={plugin} />
        </div>
      );
    case "disabled":
      return <DisabledPlugin plugin={plugin} />;
    case "running":
    case "unhealthy":
    case "starting":
    case "stopping":
    case "invalid":
      return <PluginPage key={id} plugin={plugin} />;
  }
}

function UnknownPlugin({ id }: { id: string }) {
  const t = useTranslations("view");
  return (
    <Notice icon={<MapPinOff size={28} aria-hidden />} title={t("unknownTitle")} actions={<ManagerLink />}>
      <p className="wrap-anywhere">{t("unknownText", { id })}</p>
    </Notice>
  );
}

function InvalidPlugin({ id, reason }: { id: string; reason: string }) {
  const t = useTranslations("view");
  const hostText = useHostText();
  return (
    <Notice icon={<FileX size={28} aria-hidden />} title={t("invalidTitle", { id })} actions={<ManagerLink />}>
      <p className="wrap-anywhere">{asSentence(hostText(reason))}</p>
    </Notice>
  );
}

function DisabledPlugin({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("view");
  const isAdmin = useIsAdmin();
  const { setEnabled } = usePluginActions();
  const actions = (
    <>
      <Button variant="primary" onClick={() => setEnabled(plugin, true)}>
        {t("enable")}
      </Button>
      {/* They say by whom, or after which crashes. */}
      <Link to="/events" search={{ plugin: plugin.id }} className={buttonClass()}>
        {t("toEvents")}
      </Link>
    </>
  );
  return (
    <Notice
      icon={<PowerOff size={28} aria-hidden />}
      title={t("disabledTitle", { name: plugin.name })}
      actions={isAdmin && actions}
    >
      {t(isAdmin ? "disabledText" : "disabledTextUser")}
    </Notice>
  );
}

function ManagerLink() {
  const t = useTranslations("view");
  return (
    <Link to="/plugins-manager" className={buttonClass()}>
      {t("toManager")}
    </Link>
  );
}
