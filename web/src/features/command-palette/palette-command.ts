import type { ReactNode } from "react";

export interface PaletteCommand {
  id: string;
  group: "plugins" | "pages" | "actions" | "panel";
  label: string;
  /** Other words by which it is found. */
  keywords: string[];
  icon: ReactNode;
  /** After the label. */
  state?: ReactNode;
  /** Only shown once something is typed. */
  isQuiet?: boolean;
  run: () => void;
}
