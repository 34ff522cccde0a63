import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { Dialog } from "#shared/ui/dialog.tsx";
import { useErrorText } from "#shared/ui/error-notice.tsx";

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What the button says that does it. */
  action: string;
  /** Closes when it is done; stays, with the reason, where it rejects. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmDialogProps) {
  const t = useTranslations("common");
  const textOf = useErrorText();
  const confirm = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-text-muted">{children}</p>
        {confirm.error !== null && (
          <p role="alert" className="text-[13px] text-bad">
            {textOf(confirm.error)}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            variant="danger"
            aria-disabled={confirm.isPending}
            onClick={() => confirm.isPending || confirm.mutate()}
          >
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
