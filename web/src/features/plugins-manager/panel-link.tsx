import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type PanelTab, parseManagerSearch } from "./manager-search.ts";

interface PanelLinkProps {
  id: string;
  tab?: PanelTab;
  label?: string;
  title?: string;
  className: string;
  children: ReactNode;
}

/** Opens the panel of a plugin over the list as it is. */
export function PanelLink({ id, tab, label, title, className, children }: PanelLinkProps) {
  return (
    <Link
      from="/plugins-manager"
      to="/plugins-manager"
      search={(before) => parseManagerSearch({ ...before, plugin: id, tab })}
      state={{ isPanelFromList: true }}
      resetScroll={false}
      // Where the list is, whatever panel is open.
      activeProps={{ "aria-current": undefined }}
      aria-label={label}
      title={title}
      className={className}
    >
      {children}
    </Link>
  );
}
