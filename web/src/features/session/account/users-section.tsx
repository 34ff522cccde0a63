import type { ListedUser } from "@toru/http-api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { useMe } from "#shared/session/session-queries.ts";
import { Button } from "#shared/ui/button.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { toast } from "#shared/ui/toast.ts";
import { usersQuery } from "./account-queries.ts";
import { AccountSection } from "./account-section.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { NewUserDialog } from "./new-user-dialog.tsx";

/** Only for admins. */
export function UsersSection() {
  const t = useTranslations("account.users");
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<ListedUser | null>(null);
  return (
    <AccountSection
      title={t("title")}
      intro={t("intro")}
      actions={
        <Button onClick={() => setAdding(true)}>
          <UserPlus size={16} aria-hidden />
          {t("add")}
        </Button>
      }
    >
      <UserList onRemove={setRemoved} />
      {isAdding && <NewUserDialog onClose={() => setAdding(false)} />}
      {removed !== null && <RemoveDialog user={removed} onClose={() => setRemoved(null)} />}
    </AccountSection>
  );
}

function UserList({ onRemove }: { onRemove: (user: ListedUser) => void }) {
  const t = useTranslations("account");
  const me = useMe();
  const { data: users, error, refetch } = useQuery(usersQuery);
  if (users === undefined) {
    return error === null ? <Loading rows={1} /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  return (
    <ul aria-label={t("users.title")} className="flex flex-col divide-y divide-line">
      {users.map((user) => (
        <UserRow
          key={user.username}
          user={user}
          isMe={user.username === me?.username}
          onRemove={() => onRemove(user)}
        />
      ))}
    </ul>
  );
}

function UserRow({ user, isMe, onRemove }: { user: ListedUser; isMe: boolean; onRemove: () => void }) {
  const t = useTranslations("account");
  const format = useFormatter();
  const { username: name, role, created_at } = user;
  const date = format.dateTime(new Date(created_at), { dateStyle: "medium" });
  return (
    <li className="flex items-center gap-3 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{name}</span>
          {isMe && <span className="rounded-full bg-muted px-2 text-[13px] text-text-muted">{t("users.you")}</span>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-[13px] text-text-muted">
          <span>{t(`role.${role}`)}</span>
          <span>{t("users.since", { date })}</span>
        </p>
      </div>
      {!isMe && (
        <Button variant="danger" size="small" aria-label={t("users.removeNamed", { name })} onClick={onRemove}>
          {t("users.remove")}
        </Button>
      )}
    </li>
  );
}

function RemoveDialog({ user, onClose }: { user: ListedUser; onClose: () => void }) {
  const t = useTranslations("account.users");
  const client = useQueryClient();
  const name = user.username;
  const remove = async () => {
    await request(`/api/users/${encodeURIComponent(name)}`, { method: "DELETE" });
    toast.success(t("removed", { name }));
    await client.invalidateQueries(usersQuery);
  };
  return (
    <ConfirmDialog title={t("removeTitle", { name })} action={t("remove")} onConfirm={remove} onClose={onClose}>
      {t("removeText")}
    </ConfirmDialog>
  );
}
