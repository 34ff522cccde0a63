import { Link } from "@tanstack/react-router";
import { CalendarClock, House, PanelLeftClose, PanelLeftOpen, Search, Settings2, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { IconButton } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import { ConditionDot } from "#shared/ui/condition-badge.tsx";
import { Logo } from "#shared/ui/logo.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";
import { openCommandPalette } from "./command-palette-loader.tsx";
import { isApple } from "./is-apple.ts";
import { UserMenu } from "./user-menu.tsx";

const ITEM =
  "group flex h-9 items-center gap-2.5 rounded-md px-2.5 text-text-muted hover:bg-muted hover:text-text aria-[current=page]:bg-brand-soft aria-[current=page]:font-medium aria-[current=page]:text-brand";

interface SidebarProps {
  isCollapsed: boolean;
  /** In the page. */
  onToggle?: () => void;
  /** In a drawer. */
  onClose?: () => void;
}

export function Sidebar({ isCollapsed, onToggle, onClose }: SidebarProps) {
  const t = useTranslations("shell");
  const isAdmin = useIsAdmin();
  const enabled = usePlugins().filter(isListed);
  return (
    <div className={classNames("flex h-full flex-col", isCollapsed ? "w-14" : "w-60 max-md:w-full")}>
      <div className={classNames("flex items-center gap-1 p-2", isCollapsed ? "flex-col" : "pl-3")}>
        <Link to="/" className="flex flex-1 rounded-md" aria-label="Toru">
          <Logo isSmall={isCollapsed} />
        </Link>
        {onToggle && (
          <IconButton label={isCollapsed ? t("expand") : t("collapse")} onClick={onToggle}>
            {isCollapsed ? <PanelLeftOpen size={18} aria-hidden /> : <PanelLeftClose size={18} aria-hidden />}
          </IconButton>
        )}
        {onClose && (
          <IconButton label={t("closeMenu")} onClick={onClose}>
            <X size={18} aria-hidden />
          </IconButton>
        )}
      </div>
      <div className="px-2 pb-2">
        <button
          type="button"
          title={t("search")}
          aria-label={isCollapsed ? t("search") : undefined}
          onClick={() => {
            onClose?.();
            openCommandPalette();
          }}
          className="flex h-9 w-full items-center gap-2.5 rounded-md border border-line bg-background px-2.5 text-text-muted hover:border-line-strong/50"
        >
          <Search size={16} aria-hidden className="shrink-0" />
          {!isCollapsed && (
            <>
              <span className="flex-1 text-left text-[13px]">{t("searchShort")}</span>
              <kbd className="font-sans text-[11px]">{isApple() ? "⌘K" : "Ctrl K"}</kbd>
            </>
          )}
        </button>
      </div>
      <nav aria-label={t("navigation")} className="flex min-h-0 flex-1 flex-col overflow-y-auto px-2 pb-2">
        <ul className="flex flex-col gap-0.5">
          <PageLink
            to="/"
            label={t("home")}
            icon={<House size={18} aria-hidden />}
            isCollapsed={isCollapsed}
            onFollow={onClose}
          />
          <PageLink
            to="/plugins-manager"
            label={t("pluginManager")}
            icon={<Settings2 size={18} aria-hidden />}
            isCollapsed={isCollapsed}
            onFollow={onClose}
          />
          {isAdmin && (
            <PageLink
              to="/events"
              label={t("events")}
              icon={<CalendarClock size={18} aria-hidden />}
              isCollapsed={isCollapsed}
              onFollow={onClose}
            />
          )}
        </ul>
        <h2
          className={classNames(
            "px-2.5 pt-4 pb-1 text-xs font-medium text-text-muted",
            isCollapsed && "mt-2 border-t border-line pt-0 text-[0px]",
          )}
        >
          {t("plugins")}
        </h2>
        {enabled.length === 0 && !isCollapsed && (
          <p className="px-2.5 py-1 text-[13px] text-text-muted">{t("noPlugins")}</p>
        )}
        <ul aria-label={t("plugins")} className="flex flex-col gap-0.5">
          {enabled.map((plugin) => (
            <PluginLink key={plugin.id} plugin={plugin} isCollapsed={isCollapsed} onFollow={onClose} />
          ))}
        </ul>
      </nav>
      <div className="border-t border-line p-2">
        <UserMenu isCollapsed={isCollapsed} />
      </div>
    </div>
  );
}

interface LinkProps {
  isCollapsed: boolean;
  /** Also where the link leads to the page that is open. */
  onFollow: (() => void) | undefined;
}

interface PageLinkProps extends LinkProps {
  to: "/" | "/plugins-manager" | "/events";
  label: string;
  icon: ReactNode;
}

function PageLink({ to, label, icon, isCollapsed, onFollow }: PageLinkProps) {
  return (
    <li>
      <Link
        to={to}
        onClick={onFollow}
        activeOptions={{ exact: to === "/", includeSearch: false }}
        title={isCollapsed ? label : undefined}
        aria-label={label}
        className={ITEM}
      >
        {icon}
        {!isCollapsed && <span className="truncate">{label}</span>}
      </Link>
    </li>
  );
}

function PluginLink({ plugin, isCollapsed, onFollow }: LinkProps & { plugin: InstalledPlugin }) {
  const t = useTranslations();
  const condition = conditionOf(plugin);
  const state = t(`common.condition.${condition}`);
  return (
    <li>
      <Link
        to="/view/$id/{-$page}"
        params={{ id: plugin.id }}
        onClick={onFollow}
        title={t("shell.pluginState", { name: plugin.name, state })}
        className={classNames(ITEM, "relative")}
      >
        <PluginIcon icon={plugin.icon} name={plugin.name} />
        <span className={isCollapsed ? "sr-only" : "min-w-0 flex-1 truncate"}>{plugin.name}</span>
        <ConditionDot condition={condition} className={isCollapsed ? "absolute right-1 bottom-1 size-2.5" : ""} />
        <span className="sr-only">{state}</span>
      </Link>
    </li>
  );
}

/** The enabled ones, and those that the crash limit has disabled: they were wanted. */
function isListed(plugin: Parameters<typeof isInstalled>[0]): plugin is InstalledPlugin {
  return isInstalled(plugin) && (plugin.enabled || plugin.status === "failed");
}
