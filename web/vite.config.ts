import { readFile } from "node:fs/promises";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { build, defineConfig, type Plugin } from "vite";

const host = process.env.TORU_URL ?? "http://127.0.0.1:3000";
const target = "es2023";

export default defineConfig({
  plugins: [react(), tailwindcss(), isolatedPage()],
  build: {
    target,
    // `light-dark()` is left as it is: all browsers of the target know it.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": host, "/plugins/": host, "/isolated-page.html": host } },
});

/** The document of isolated pages, with its script inside: without an origin it could load no module of the host. */
function isolatedPage(): Plugin {
  return {
    name: "isolated-page",
    apply: "build",
    async generateBundle() {
      const [document, script] = await Promise.all([
        readFile(join(import.meta.dirname, "isolated-page.html"), "utf8"),
        classicScript("src/features/plugin-view/isolated/run-frame.ts"),
      ]);
      const source = document.replace(/<!--.*?-->/, () => `<script>${script}</script>`);
      this.emitFile({ type: "asset", fileName: "isolated-page.html", source });
    },
  };
}

async function classicScript(file: string): Promise<string> {
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    build: { target, write: false, rolldownOptions: { input: file, output: { format: "iife" } } },
  });
  const [chunk] = "output" in built ? built.output : [];
  if (chunk?.type !== "chunk" || chunk.code.includes("</script"))
    throw new Error(`${file} made no script to put inside`);
  return chunk.code;
}
