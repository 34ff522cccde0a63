import { Hammer, TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { CrashCard } from "#shared/plugins/crash-card.tsx";
import { conditionOf, isDown } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { CopyButton } from "#shared/ui/copy-button.tsx";
import { DetailList, type Detail } from "./detail-list.tsx";
import { PluginPaths } from "./plugin-paths.tsx";
import { PluginState } from "./plugin-state.tsx";
import { Uptime } from "./uptime.tsx";
import { webAddressOf } from "./web-address.ts";

export function PluginDetails({ plugin }: { plugin: InstalledPlugin }) {
  const isAdmin = useIsAdmin();
  const hostText = useHostText();
  const t = useTranslations("plugins.detail");
  return (
    <div className="flex flex-col gap-5 p-4">
      {isDown(conditionOf(plugin)) ? <CrashCard plugin={plugin} /> : <PluginState plugin={plugin} />}
      {plugin.problem !== null && (
        <p className="flex gap-2 rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">
          <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
          <span className="min-w-0 wrap-anywhere">{asSentence(hostText(plugin.problem))}</span>
        </p>
      )}
      {plugin.development && (
        <p className="flex gap-2 rounded-md bg-brand-soft px-3 py-2 text-[13px] text-brand">
          <Hammer size={16} aria-hidden className="mt-0.5 shrink-0" />
          <span className="min-w-0">{t("development")}</span>
        </p>
      )}
      <About plugin={plugin} />
      <Process plugin={plugin} />
      {isAdmin && <PluginPaths id={plugin.id} />}
    </div>
  );
}

function About({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.detail");
  const { name, id, version, author, description, license, homepage } = plugin;
  const details: Detail[] = [
    [t("name"), name],
    [t("version"), version],
    [t("author"), author],
    [t("description"), description],
    [t("license"), license],
    [t("homepage"), homepage === null ? null : <Homepage address={homepage} />],
    [t("id"), <Copyable key="id" text={id} label={t("copyId")} />],
  ];
  return <DetailList title={t("about")} details={details} />;
}

function Process({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.detail");
  const { route, protocol, handles, file, pid, restarts, crashes, startedAt } = plugin;
  const path = `/plugins${route}`;
  const routeLink = (
    <a href={path} target="_blank" rel="noreferrer" className="text-brand underline underline-offset-2 wrap-anywhere">
      {path}
    </a>
  );
  const details: Detail[] = [
    [t("route"), routeLink],
    [t("protocol"), t("protocolVersion", { version: String(protocol) })],
    [t("handles"), handles.join(", ")],
    [t("file"), <Copyable key="file" text={file} label={t("copyFile")} />],
    [t("pid"), pid === null ? null : <Copyable key="pid" text={String(pid)} label={t("copyPid")} />],
    [t("uptime"), <Uptime key="uptime" startedAt={startedAt} />],
    [t("restarts"), String(restarts)],
    [t("crashes"), String(crashes)],
  ];
  return <DetailList title={t("process")} details={details} />;
}

/** A manifest may say anything; only an address of the web becomes a link. */
function Homepage({ address }: { address: string }) {
  const web = webAddressOf(address);
  if (web === null) return <span className="wrap-anywhere">{address}</span>;
  return (
    <a href={web} target="_blank" rel="noreferrer" className="text-brand underline underline-offset-2 wrap-anywhere">
      {address}
    </a>
  );
}

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <span className="flex items-center gap-1">
      <span className="min-w-0 font-mono text-xs wrap-anywhere">{text}</span>
      <CopyButton text={text} label={label} />
    </span>
  );
}
