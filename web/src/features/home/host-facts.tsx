import type { Resources } from "@toru/http-api";
import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useDurationText } from "#shared/plugins/use-duration-text.ts";
import { useNow } from "#shared/plugins/use-now.ts";
import { useHost } from "#shared/session/session-queries.ts";
import { useBytesText } from "./use-bytes-text.ts";

/** The host in figures and names. */
export function HostFacts({ resources }: { resources: Resources | null }) {
  const t = useTranslations("home");
  const format = useFormatter();
  const bytes = useBytesText();
  const host = useHost();
  const memory = resources?.process.memory_bytes.at(-1) ?? null;
  const cpu = resources?.process.cpu.at(-1) ?? null;
  if (host === null) return null;
  const percent = { style: "percent", maximumFractionDigits: 1 } as const;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-t border-line p-4 text-[13px]">
      <Fact name={t("hostname")}>{host.hostname}</Fact>
      <Fact name={t("system")}>{host.platform}</Fact>
      <Fact name={t("version")}>{host.version}</Fact>
      <Fact name={t("uptime")}>
        <Uptime since={host.startedAt} />
      </Fact>
      {memory !== null && <Fact name={t("ownMemory")}>{bytes.one(memory)}</Fact>}
      {cpu !== null && <Fact name={t("ownCpu")}>{format.number(cpu / 100, percent)}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-muted">{name}</dt>
      <dd className="text-right tabular-nums wrap-anywhere">{children}</dd>
    </>
  );
}

function Uptime({ since }: { since: number }) {
  const durationText = useDurationText();
  return durationText(useNow() - since);
}
