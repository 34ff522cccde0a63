import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  stringifySearchWith,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { parseEventsSearch } from "#features/events/events-search.ts";
import { parseLogsSearch } from "#features/logs/logs-search.ts";
import { parseManagerSearch } from "#features/plugins-manager/manager-search.ts";
import { parseSignInSearch } from "#features/session/sign-in-search.ts";
import { pluginsQuery } from "#shared/plugins/plugin-queries.ts";
import { meQuery } from "#shared/session/session-queries.ts";
import { Loading } from "#shared/ui/loading.tsx";
import { queryClient } from "./query-client.ts";
import { NotFound } from "./shell/not-found.tsx";
import { RouteError } from "./shell/route-error.tsx";
import { Shell } from "./shell/shell.tsx";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: parseSignInSearch,
  component: lazyRouteComponent(() => import("#features/session/sign-in-page.tsx"), "SignInPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: ({ token }: Record<string, unknown>): { token?: string } =>
    typeof token === "string" ? { token } : {},
  component: lazyRouteComponent(() => import("#features/session/setup-page.tsx"), "SetupPage"),
});

/** Everything behind the sign-in. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (me !== null) return;
    const wasSignedIn = context.queryClient.getQueryData(pluginsQuery.queryKey) !== undefined;
    const search = {
      ...(location.href !== "/" && { next: location.href }),
      ...(wasSignedIn && { ended: "1" as const }),
    };
    throw redirect({ to: "/sign-in", search, replace: true });
  },
  loader: ({ context }) => context.queryClient.ensureQueryData(pluginsQuery),
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("#features/home/home-page.tsx"), "HomePage"),
});

const welcome = createRoute({
  getParentRoute: () => shell,
  path: "/welcome",
  component: lazyRouteComponent(() => import("#features/session/welcome-page.tsx"), "WelcomePage"),
});

const manager = createRoute({
  getParentRoute: () => shell,
  path: "/plugins-manager",
  validateSearch: parseManagerSearch,
  component: lazyRouteComponent(() => import("#features/plugins-manager/manager-page.tsx"), "ManagerPage"),
});

const events = createRoute({
  getParentRoute: () => shell,
  path: "/events",
  validateSearch: parseEventsSearch,
  component: lazyRouteComponent(() => import("#features/events/events-page.tsx"), "EventsPage"),
});

const logs = createRoute({
  getParentRoute: () => shell,
  path: "/logs/$id",
  validateSearch: parseLogsSearch,
  component: lazyRouteComponent(() => import("#features/logs/logs-page.tsx"), "LogsPage"),
});

/** What follows the id is the page's own: the view stays the same, whichever of its two children matches. */
const view = createRoute({
  getParentRoute: () => shell,
  path: "/view/$id",
  component: lazyRouteComponent(() => import("#features/plugin-view/view-page.tsx"), "ViewPage"),
});
const viewPage = createRoute({ getParentRoute: () => view, path: "/{-$page}" });
const viewDeepPage = createRoute({ getParentRoute: () => view, path: "/$" });

const account = createRoute({
  getParentRoute: () => shell,
  path: "/account",
  component: lazyRouteComponent(() => import("#features/session/account-page.tsx"), "AccountPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setup,
    shell.addChildren([home, welcome, manager, events, logs, view.addChildren([viewPage, viewDeepPage]), account]),
  ]),
  context: { queryClient },
  // Every value in the address is a string; a number that somebody searches for stays what it was.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: stringifySearchWith(String),
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: RouteError,
  defaultPendingComponent: () => <Loading />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
