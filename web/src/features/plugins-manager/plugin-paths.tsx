import type { PluginPaths as Paths } from "@toru/http-api";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { CopyButton } from "#shared/ui/copy-button.tsx";
import { useErrorText } from "#shared/ui/error-notice.tsx";
import { Button } from "#shared/ui/button.tsx";
import { Skeleton } from "#shared/ui/loading.tsx";
import { DetailList } from "./detail-list.tsx";

const NAMES = ["file", "log", "data", "socket"] as const;

function pathsQuery(id: string) {
  return queryOptions({
    queryKey: ["plugin-paths", id],
    queryFn: ({ signal }) => request<Paths>(`/api/plugins/${encodeURIComponent(id)}/paths`, { signal }),
    staleTime: 60_000,
  });
}

/** Where its files lie on the host's machine. */
export function PluginPaths({ id }: { id: string }) {
  const t = useTranslations("plugins.path");
  const common = useTranslations("common");
  const textOf = useErrorText();
  const { data: paths, error, refetch } = useQuery(pathsQuery(id));
  if (error !== null) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-2 text-[13px] text-bad">
        <span className="min-w-0 wrap-anywhere">{textOf(error)}</span>
        <Button size="small" onClick={() => void refetch()}>
          {common("retry")}
        </Button>
      </p>
    );
  }
  if (paths === undefined) return <Skeleton className="h-36 w-full shrink-0" />;
  return (
    <DetailList
      title={t("title")}
      details={NAMES.map((name) => [
        t(name),
        <span key={name} className="flex items-center gap-1">
          <span className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{paths[name]}</span>
          <CopyButton text={paths[name]} label={t("copy", { name: t(name) })} />
        </span>,
      ])}
    />
  );
}
