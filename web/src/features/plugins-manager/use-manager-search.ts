import { useNavigate, useRouter, useRouterState, useSearch } from "@tanstack/react-router";
import { type ManagerSearch, type PanelTab, parseManagerSearch } from "./manager-search.ts";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The panel was opened from the list: to close it is to go back. */
    isPanelFromList?: boolean;
  }
}

/** Undefined takes a value out. */
type SearchPart = { [K in keyof ManagerSearch]?: ManagerSearch[K] | undefined };

export interface ManagerAddress {
  search: ManagerSearch;
  /** `replace` where going back should not lead through every letter. */
  change: (part: SearchPart, options?: { replace?: boolean }) => void;
  showTab: (tab: PanelTab) => void;
  closePanel: () => void;
}

/** What the page shows is in its address. */
export function useManagerSearch(): ManagerAddress {
  const search = useSearch({ from: "/shell/plugins-manager" });
  const isPanelFromList = useRouterState({ select: ({ location }) => location.state.isPanelFromList === true });
  const navigate = useNavigate({ from: "/plugins-manager" });
  const { history } = useRouter();
  const change: ManagerAddress["change"] = (part, { replace = false } = {}) =>
    void navigate({ search: (before) => parseManagerSearch({ ...before, ...part }), replace, resetScroll: false });
  return {
    search,
    change,
    showTab: (tab) =>
      void navigate({ search: (before) => ({ ...before, tab }), replace: true, state: true, resetScroll: false }),
    closePanel: () => {
      if (isPanelFromList) history.back();
      else change({ plugin: undefined, tab: undefined }, { replace: true });
    },
  };
}
