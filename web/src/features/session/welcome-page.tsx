import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useTranslations } from "use-intl";
import { NoPlugins } from "#shared/plugins/no-plugins.tsx";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled } from "#shared/plugins/plugin.ts";
import { useMe } from "#shared/session/session-queries.ts";
import { buttonClass } from "#shared/ui/button.tsx";
import { Card } from "#shared/ui/page.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";

/** After the first run: on to the first plugin that runs. */
export function WelcomePage() {
  const t = useTranslations("session.welcome");
  const me = useMe();
  return (
    <div className="mx-auto flex w-full max-w-xl flex-1 flex-col justify-center gap-6 px-4 py-10">
      <div className="flex flex-col items-center gap-2 text-center">
        <CircleCheck size={36} aria-hidden className="text-good" />
        <h1 className="text-2xl font-semibold tracking-tight">{t("title")}</h1>
        <p className="text-text-muted">{t("signedIn", { name: me?.username ?? "" })}</p>
      </div>
      <Card>
        <NextStep />
      </Card>
      <Link to="/" className="self-center rounded-md p-1 text-text-muted underline underline-offset-4 hover:text-text">
        {t("toHome")}
      </Link>
    </div>
  );
}

function NextStep() {
  const t = useTranslations("session.welcome");
  const plugins = usePlugins();
  const running = plugins.filter(isInstalled).filter((plugin) => conditionOf(plugin) === "running");
  const [first] = running;
  if (first !== undefined) return <OpenFirst plugin={first} count={running.length} />;
  if (plugins.length === 0) return <NoPlugins />;
  const isStarting = plugins.some((plugin) => conditionOf(plugin) === "starting");
  return (
    <div className="flex flex-col items-center gap-4 p-6 text-center">
      <output className="text-text-muted">{isStarting ? t("starting") : t("noneRuns")}</output>
      <Link to="/plugins-manager" className={buttonClass({ variant: isStarting ? "plain" : "primary" })}>
        {t("toManager")}
      </Link>
    </div>
  );
}

function OpenFirst({ plugin, count }: { plugin: InstalledPlugin; count: number }) {
  const t = useTranslations("session.welcome");
  return (
    <div className="flex flex-col items-center gap-4 p-6 text-center">
      <PluginIcon icon={plugin.icon} name={plugin.name} size={40} />
      <div className="flex flex-col gap-1">
        <p className="text-base font-semibold">{plugin.name}</p>
        {plugin.description !== null && <p className="text-text-muted">{plugin.description}</p>}
        <p className="text-[13px] text-text-muted">{t("running", { count })}</p>
      </div>
      <Link to="/view/$id/{-$page}" params={{ id: plugin.id }} className={buttonClass({ variant: "primary" })}>
        {t("open", { name: plugin.name })}
      </Link>
    </div>
  );
}
