import type { Resources } from "@toru/http-api";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { resourcesQuery } from "#shared/plugins/plugin-queries.ts";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Card } from "#shared/ui/page.tsx";
import { HostFacts } from "./host-facts.tsx";
import { Meter } from "./meter.tsx";
import { useBytesText } from "./use-bytes-text.ts";

/** How the server itself fares: its load of the last ten minutes, and what runs on it. */
export function ServerCard() {
  const t = useTranslations("home");
  const id = useId();
  const { data: resources = null, error, refetch } = useQuery(resourcesQuery);
  return (
    <Card>
      <section aria-labelledby={id}>
        <h2 id={id} className="border-b border-line px-4 py-2.5 text-sm font-semibold">
          {t("serverTitle")}
        </h2>
        {resources !== null && <Meters resources={resources} />}
        {resources === null && error === null && <Loading rows={3} />}
        {resources === null && error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        <HostFacts resources={resources} />
      </section>
    </Card>
  );
}

function Meters({ resources }: { resources: Resources }) {
  const t = useTranslations("home");
  const format = useFormatter();
  const bytes = useBytesText();
  const { host, cores, memory_total_bytes: memory, disk_total_bytes: disk } = resources;
  if (resources.at.length === 0) return <p className="p-4 text-text-muted">{t("noFigures")}</p>;
  const cpu = lastOf(host.cpu);
  const percent = cpu === null ? t("notKnown") : format.number(cpu / 100, { style: "percent" });
  const ofTotal = (used: number | null, total: number | null) =>
    used === null || total === null ? t("notKnown") : t("ofTotal", bytes.pair(used, total));
  const usedMemory = lastOf(host.memory_bytes);
  const usedDisk = lastOf(host.disk_used_bytes);
  return (
    <div className="flex flex-col gap-4 p-4">
      <Meter
        label={t("cpu")}
        figure={percent}
        detail={t("cores", { count: cores })}
        value={cpu}
        max={100}
        line={host.cpu}
      />
      <Meter
        label={t("memory")}
        figure={ofTotal(usedMemory, memory)}
        value={usedMemory}
        max={memory}
        runsOut
        line={host.memory_bytes}
      />
      <Meter
        label={t("disk")}
        figure={ofTotal(usedDisk, disk)}
        value={usedDisk}
        max={disk}
        runsOut
        line={host.disk_used_bytes}
      />
    </div>
  );
}

function lastOf(values: (number | null)[]): number | null {
  return values.at(-1) ?? null;
}
