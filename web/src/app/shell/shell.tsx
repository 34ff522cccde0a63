import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { Menu } from "lucide-react";
import { Suspense, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { LiveProvider } from "#shared/live/live-provider.tsx";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { useMe } from "#shared/session/session-queries.ts";
import { IconButton } from "#shared/ui/button.tsx";
import { Dialog } from "#shared/ui/dialog.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Logo } from "#shared/ui/logo.tsx";
import { CommandPalette } from "./command-palette-loader.tsx";
import { OfflineBar } from "./offline-bar.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { Sidebar } from "./sidebar.tsx";
import { TabState } from "./tab-state.tsx";
import { VersionBar } from "./version-bar.tsx";

/** What stays while pages change: the sidebar (a drawer on phones), the connection, the palette. */
export function Shell() {
  const viewer = useViewer();
  const t = useTranslations("shell");
  const [sidebar, setSidebar] = usePreference("sidebar");
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  // Where it was opened: another page closes it.
  const [drawerAt, setDrawerAt] = useState<string | null>(null);
  const closeDrawer = () => setDrawerAt(null);
  if (drawerAt !== null && drawerAt !== pathname) closeDrawer();
  const main = useRef<HTMLElement>(null);
  const toggle = () => setSidebar(sidebar === "open" ? "collapsed" : "open");

  return (
    <LiveProvider viewer={viewer}>
      <div className="flex min-h-dvh">
        <aside className="sticky top-0 z-10 hidden h-dvh shrink-0 border-r border-line bg-surface md:block">
          <button
            type="button"
            className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:p-2 focus:whitespace-nowrap"
            onClick={() => main.current?.focus()}
          >
            {t("skipToContent")}
          </button>
          <Sidebar isCollapsed={sidebar === "collapsed"} onToggle={toggle} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-surface px-2 md:hidden">
            <IconButton label={t("openMenu")} onClick={() => setDrawerAt(pathname)}>
              <Menu size={20} aria-hidden />
            </IconButton>
            <Logo />
          </header>
          <OfflineBar />
          <VersionBar />
          <main ref={main} tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col outline-none">
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      {drawerAt === pathname && (
        <Dialog title={t("navigation")} hideTitle place="left" flush onClose={closeDrawer}>
          <Sidebar isCollapsed={false} onClose={closeDrawer} />
        </Dialog>
      )}
      <CommandPalette />
      <Shortcuts />
      <TabState />
    </LiveProvider>
  );
}

/**
 * Who the shell is shown to. A session that ended elsewhere leads to the sign-in, and back afterwards; where somebody else
 * has signed in meanwhile the page is loaded anew, so that nothing of the first person stays in it.
 */
function useViewer(): string {
  const me = useMe();
  const router = useRouter();
  const current = me === null ? null : `${me.username} ${me.role}`;
  const [first] = useState(current);
  useEffect(() => {
    if (current === null) void router.invalidate();
    else if (current !== first) window.location.reload();
  }, [current, first, router]);
  return first ?? "";
}
