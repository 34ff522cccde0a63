import type { Plugin } from "vite";

export interface ToruPageOptions {
  /** The plugin's id, as in its manifest. */
  id: string;
  /** The module that exports the page (`{ mount, unmount }`) by default; `"src/main.tsx"` where none is named. */
  entry?: string;
  /** Warns above this size of the bundle, in KiB; 500 where none is said. */
  warnAboveKiB?: number;
}

/**
 * Makes one classic script, `dist/bundle.js`, of a page: it registers itself under the plugin's id, brings its styles and
 * pictures along, and needs no `eval`. The same sources give the same bytes.
 */
export function toruPage(options: ToruPageOptions): Plugin;
