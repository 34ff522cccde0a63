import { FileCode } from "lucide-react";
import { useTranslations } from "use-intl";
import guide from "../../../../docs/plugin-pages.md?url";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { Button, buttonClass } from "#shared/ui/button.tsx";
import { Card } from "#shared/ui/page.tsx";
import { ScrollingCode } from "./scrolling-code.tsx";

/** Says what to add to a plugin that has no page. */
export function MissingPage({ plugin, onRetry }: { plugin: InstalledPlugin; onRetry: () => void }) {
  const t = useTranslations();
  const { id, name, route } = plugin;
  const code = (chunks: React.ReactNode) => <code className="font-mono text-[13px] text-text">{chunks}</code>;
  return (
    <div className="mx-auto w-full max-w-2xl px-4 py-8">
      <Card className="flex flex-col gap-3 p-5">
        <p className="flex items-center gap-2 text-base font-semibold">
          <FileCode size={20} aria-hidden className="shrink-0 text-text-muted" />
          {t("view.missingTitle", { name })}
        </p>
        <p className="text-text-muted">{t("view.missingText")}</p>
        <ul className="flex list-disc flex-col gap-1 pl-5 text-text-muted">
          <li>{t.rich("view.missingFile", { code, file: `${id}/bundle.js` })}</li>
          <li>{t.rich("view.missingAnswer", { code })}</li>
        </ul>
        <ScrollingCode label={t("view.example")} className="rounded-md border border-line bg-muted p-3">
          {exampleOf(id, name)}
        </ScrollingCode>
        <div className="flex flex-wrap gap-2">
          <a className={buttonClass()} href={guide} target="_blank" rel="noreferrer">
            {t("view.guide")}
          </a>
          <a className={buttonClass()} href={`/plugins${route}`} target="_blank" rel="noreferrer">
            {t("view.ownAnswer", { path: `/plugins${route}` })}
          </a>
          <Button onClick={onRetry}>{t("common.retry")}</Button>
        </div>
      </Card>
    </div>
  );
}

function exampleOf(id: string, name: string): string {
  return `window.ToruPlugins["${id}"] = {
  mount(container, api) {
    container.textContent = ${JSON.stringify(`Hello from ${name}`)};
  },
  unmount(container) {},
};`;
}
