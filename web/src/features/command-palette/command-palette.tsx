import { Command, defaultFilter } from "cmdk";
import { Search, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { Dialog } from "#shared/ui/dialog.tsx";
import { usePageCommands } from "./page-commands.tsx";
import type { PaletteCommand } from "./palette-command.ts";
import { usePanelCommands } from "./panel-commands.tsx";
import { usePluginCommands } from "./plugin-commands.tsx";

const GROUPS = ["plugins", "pages", "actions", "panel"] as const;

interface CommandPaletteProps {
  /** What was pressed before this showed; `isEntered` wants the first match. */
  early: { query: string; isEntered: boolean };
  onClose: () => void;
  onShowShortcuts: () => void;
}

/** Reaches every plugin and every action. */
export default function CommandPalette({ early, onClose, onShowShortcuts }: CommandPaletteProps) {
  const t = useTranslations("palette");
  const [query, setQuery] = useState(early.query);
  const input = useRef<HTMLInputElement>(null);
  // After the dialog has opened, and before another key can come.
  useLayoutEffect(() => input.current?.focus(), []);
  const plugins = usePluginCommands();
  const pages = usePageCommands();
  const panel = usePanelCommands(onShowShortcuts);
  const wanted = [...plugins, ...pages, ...panel].filter((command) => query !== "" || !command.isQuiet);
  const run = (command: PaletteCommand) => {
    onClose();
    command.run();
  };
  const runFirst = useEffectEvent(() => {
    const command = firstMatch(wanted, early.query);
    if (command !== null) run(command);
  });
  useEffect(() => {
    if (!early.isEntered) return undefined;
    const frame = requestAnimationFrame(() => runFirst());
    return () => cancelAnimationFrame(frame);
  }, [early.isEntered]);
  return (
    <Dialog title={t("title")} hideTitle place="top" flush onClose={onClose}>
      <Command label={t("title")} loop vimBindings={false} filter={score} className="flex max-h-[70dvh] flex-col">
        <div className="flex items-center gap-2.5 border-b border-line px-4">
          <Search size={18} aria-hidden className="shrink-0 text-text-muted" />
          <Command.Input
            ref={input}
            value={query}
            onValueChange={setQuery}
            placeholder={t("placeholder")}
            className="h-12 min-w-0 flex-1 bg-transparent text-[15px] outline-none"
          />
        </div>
        <Command.List
          label={t("results")}
          className="min-h-0 flex-1 scroll-py-2 overflow-y-auto overscroll-contain p-2"
        >
          <Command.Empty>
            <output className="flex flex-col items-center gap-2 px-4 py-8 text-center text-text-muted wrap-anywhere">
              <SearchX size={24} aria-hidden />
              {t("noMatch", { query })}
            </output>
          </Command.Empty>
          {GROUPS.map((group) => (
            <CommandGroup
              key={group}
              heading={t(`group.${group}`)}
              commands={wanted.filter((command) => command.group === group)}
              onRun={run}
            />
          ))}
        </Command.List>
        <p className="hidden border-t border-line px-4 py-2 text-xs text-text-muted sm:block">
          {t.rich("hint", { k: key })}
        </p>
      </Command>
    </Dialog>
  );
}

interface CommandGroupProps {
  heading: string;
  commands: PaletteCommand[];
  onRun: (command: PaletteCommand) => void;
}

function CommandGroup({ heading, commands, onRun }: CommandGroupProps) {
  if (commands.length === 0) return null;
  return (
    <Command.Group
      heading={heading}
      className="pb-1 **:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:py-1.5 **:[[cmdk-group-heading]]:text-xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-text-muted"
    >
      {commands.map((command) => (
        <Command.Item
          key={command.id}
          value={valueOf(command)}
          keywords={command.keywords}
          onSelect={() => onRun(command)}
          className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 data-[selected=true]:bg-brand-soft data-[selected=true]:text-brand"
        >
          <span className="grid size-5 shrink-0 place-items-center text-text-muted">{command.icon}</span>
          <span className="min-w-0 flex-1 truncate">{command.label}</span>
          {command.state}
        </Command.Item>
      ))}
    </Command.Group>
  );
}

function valueOf(command: PaletteCommand): string {
  return `${command.label} ${command.id}`;
}

/** The one that the list shows first for this query, so that Enter means the same before it shows. */
function firstMatch(commands: PaletteCommand[], query: string): PaletteCommand | null {
  const matches = GROUPS.flatMap((group) => commands.filter((command) => command.group === group))
    .map((command) => ({ command, score: score(valueOf(command), query, command.keywords) }))
    .filter((match) => match.score > 0)
    .toSorted((one, other) => other.score - one.score);
  return matches[0]?.command ?? null;
}

/** Polish is often typed without its marks. */
function score(value: string, query: string, keywords?: string[]): number {
  return defaultFilter?.(withoutMarks(value), withoutMarks(query), keywords?.map(withoutMarks)) ?? 0;
}

function withoutMarks(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("ł", "l").replaceAll("Ł", "L");
}

function key(chunks: ReactNode) {
  return <kbd className="rounded border border-line bg-muted px-1 font-sans">{chunks}</kbd>;
}
