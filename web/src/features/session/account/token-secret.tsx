import type { CreatedToken } from "@toru/http-api";
import { Copy, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { copyText } from "#shared/ui/copy-text.ts";
import { Field } from "#shared/ui/field.tsx";
import { toast } from "#shared/ui/toast.ts";

/** The secret, this once: nothing keeps it when the dialog closes. */
export function TokenSecret({ token, onDone }: { token: CreatedToken; onDone: () => void }) {
  const t = useTranslations("account.tokens");
  const common = useTranslations("common");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const copy = async () => {
    if (await copyText(token.token)) toast.success(common("copied"));
    else toast.error(common("copyFailed"));
  };
  return (
    <div className="flex flex-col gap-4">
      <p role="alert" className="flex gap-2 rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">
        <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
        {t("secretWarning")}
      </p>
      <div className="flex items-end gap-2">
        <Field
          ref={input}
          label={t("secretLabel", { name: token.name })}
          value={token.token}
          readOnly
          spellCheck={false}
          autoComplete="off"
          onFocus={(event) => event.target.select()}
          className="min-w-0 flex-1"
        />
        <Button variant="primary" onClick={() => void copy()}>
          <Copy size={16} aria-hidden />
          {common("copy")}
        </Button>
      </div>
      <Button className="self-end" onClick={onDone}>
        {t("done")}
      </Button>
    </div>
  );
}
