import { fetchJson, useApi, usePluginFetch } from "@toru/page/react";
import { useState } from "react";
import type { SourcesAnswer, SourceView } from "./api-types.ts";
import { Confirm } from "./confirm.tsx";
import { formatTime } from "./format.ts";
import { SourceForm } from "./source-form.tsx";

const REFRESH_MS = 5000;

const KINDS: Record<SourceView["kind"], string> = {
  github: "signed as GitHub does",
  stripe: "signed as Stripe does",
  generic: "signed by HMAC",
  none: "not signed: whoever may sign in here may send",
};

/** Where webhooks come from: everybody sees the addresses, admins change them. */
export function SourcesView() {
  const { user } = useApi();
  const { data, error, reload } = usePluginFetch<SourcesAnswer>("/sources", { refreshMs: REFRESH_MS });
  const [edited, setEdited] = useState<string | null>(null);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const isAdmin = user.role === "admin";
  const done = (name: string, secret: string | null) => {
    setEdited(null);
    setMade(secret === null ? null : { name, secret });
    reload();
  };
  return (
    <section className="stack" aria-label="Sources">
      {error !== undefined && <p className="bad">{error.message}</p>}
      {made !== null && <MadeSecret {...made} onClose={() => setMade(null)} />}
      {data?.sources.length === 0 && <p className="card empty">There is no source yet.</p>}
      {data?.sources.map((source) =>
        edited === source.name ? (
          <SourceForm key={source.name} present={source} onDone={done} onCancel={() => setEdited(null)} />
        ) : (
          <SourceCard
            key={source.name}
            source={source}
            isAdmin={isAdmin}
            onEdit={() => setEdited(source.name)}
            onRemoved={reload}
          />
        ),
      )}
      {isAdmin && edited === "" && <SourceForm present={null} onDone={done} onCancel={() => setEdited(null)} />}
      {isAdmin && edited === null && (
        <button type="button" className="primary" onClick={() => setEdited("")}>
          Add a source
        </button>
      )}
    </section>
  );
}

interface SourceCardProps {
  source: SourceView;
  isAdmin: boolean;
  onEdit: () => void;
  onRemoved: () => void;
}

function SourceCard({ source, isAdmin, onEdit, onRemoved }: SourceCardProps) {
  const api = useApi();
  const { name, kind, refused, replayUrl } = source;
  const remove = async () => {
    await fetchJson(api, `/sources/${name}`, { method: "DELETE" });
    onRemoved();
  };
  return (
    <article className="card padded stack" aria-label={name}>
      <div className="toolbar">
        <h2>{name}</h2>
        {isAdmin && (
          <button type="button" onClick={onEdit}>
            Change
          </button>
        )}
        {isAdmin && <Confirm label="Remove" question="Remove this source? What came in stays." onConfirm={remove} />}
      </div>
      <p className={kind === "none" ? "warn" : "quiet"}>{KINDS[kind]}</p>
      <code>{`${location.origin}/plugins/webhooks/in/${name}`}</code>
      {replayUrl !== "" && <p className="quiet">Replays go to {replayUrl}</p>}
      {refused !== null && (
        <p className="warn">
          {refused.count} refused since the plugin started, the last at {formatTime(refused.last.at)}:{" "}
          {refused.last.reason}
        </p>
      )}
    </article>
  );
}

function MadeSecret({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <div className="card padded stack" role="alert">
      <p>This is the secret of {name}. It shows this once: give it to the sender now.</p>
      <code>{secret}</code>
      <button type="button" onClick={onClose}>
        I have it
      </button>
    </div>
  );
}
