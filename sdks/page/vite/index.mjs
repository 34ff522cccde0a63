import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = "\0toru-page";
const STYLES = "__TORU_PAGE_STYLES__";
const REGISTER = fileURLToPath(new URL("../src/register-page.ts", import.meta.url));
const DEFAULT_WARN_KIB = 500;

/** @type {typeof import("./index.d.mts").toruPage} */
export function toruPage({ id, entry = "src/main.tsx", warnAboveKiB = DEFAULT_WARN_KIB }) {
  let main = "";
  return {
    name: "toru-page",
    enforce: "post",
    config: () => ({
      publicDir: false,
      define: { "process.env.NODE_ENV": '"production"' },
      // `@toru/page` may lie outside of the page's folder: its imports of React mean the page's own.
      resolve: { dedupe: ["react", "react-dom"] },
      oxc: { jsx: { runtime: "automatic", development: false } }, // whatever NODE_ENV says
      build: {
        target: "es2023",
        assetsInlineLimit: () => true,
        cssCodeSplit: false,
        modulePreload: false,
        reportCompressedSize: false,
        chunkSizeWarningLimit: Number.MAX_SAFE_INTEGER,
        rolldownOptions: {
          input: MAIN,
          output: { format: "iife", entryFileNames: "bundle.js", codeSplitting: false },
        },
      },
    }),
    configResolved: ({ root }) => {
      main = [
        `import page from ${JSON.stringify(resolve(root, entry))};`,
        `import { registerPage } from ${JSON.stringify(REGISTER)};`,
        `registerPage(${JSON.stringify(id)}, page, "${STYLES}");`,
      ].join("\n");
    },
    resolveId: (source) => (source === MAIN ? source : null),
    load: (source) => (source === MAIN ? main : null),
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const styles = takeStyles(bundle);
        const chunk = bundle["bundle.js"];
        const left = Object.keys(bundle).filter((name) => name !== "bundle.js");
        if (chunk?.type !== "chunk" || left.length > 0) {
          return this.error(`a page is one file, and there would also be ${left.join(", ")}: import what it needs`);
        }
        chunk.code = chunk.code.replace(new RegExp(`(["'\`])${STYLES}\\1`), () => JSON.stringify(styles));
        const kib = Math.ceil(Buffer.byteLength(chunk.code) / 1024);
        if (kib > warnAboveKiB) this.warn(`the page has ${kib} KiB, more than ${warnAboveKiB}: every visitor loads it`);
      },
    },
  };
}

/**
 * Takes the style sheets out of what would be written.
 *
 * @param {import("vite").Rollup.OutputBundle} bundle
 */
function takeStyles(bundle) {
  let styles = "";
  for (const [name, file] of Object.entries(bundle)) {
    if (file.type !== "asset" || !name.endsWith(".css")) continue;
    styles += typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
    delete bundle[name];
  }
  return styles;
}
