import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslations } from "use-intl";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { meQuery } from "#shared/session/session-queries.ts";
import { toast } from "#shared/ui/toast.ts";
import { createPageApi } from "./create-page-api.ts";
import { followPlugin } from "./follow-plugin.ts";
import { failureOf } from "./page-failure.ts";
import { type PageState, PageView } from "./page-view.ts";

/** The page opens when the plugin runs for the first time, and closes with the component. */
export function usePageView(plugin: InstalledPlugin): [PageView, PageState] {
  const client = useQueryClient();
  const { history } = useRouter();
  const t = useTranslations("view");
  const [view] = useState(
    () =>
      new PageView({
        createApi: (plugin, signal) =>
          createPageApi({
            plugin,
            user: client.getQueryData(meQuery.queryKey) ?? { username: "", role: "user" },
            signal,
            goTo: (href) => {
              history.push(href);
              history.flush();
            },
            followPlugin: (listener, end) => followPlugin(client, plugin.id, listener, end),
          }),
        onUnmountError: ({ name }, error) => {
          console.error(error);
          toast.error(t("unmountFailed", { name }), { description: failureOf("later", error).message });
        },
      }),
  );
  const state = useSyncExternalStore(view.subscribe, view.state);
  useEffect(() => {
    if (plugin.status === "running") view.open(plugin);
  }, [plugin, view]);
  useEffect(() => () => view.close(), [view]);
  return [view, state];
}
