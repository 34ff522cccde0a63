import { fetchJson, useApi, usePluginFetch } from "@toru/page/react";
import { type ReactNode, useState } from "react";
import type { Replay } from "../../src/delivery.ts";
import type { DeliveryAnswer, SourcesAnswer } from "./api-types.ts";
import { Confirm } from "./confirm.tsx";
import { formatBody, formatBytes, formatTime } from "./format.ts";

/** More of a body makes the page slow, and nobody reads it there. */
const MAX_SHOWN_CHARACTERS = 20_000;

interface DeliveryDetailsProps {
  id: string;
  onClose: () => void;
}

/** One webhook: what it says, how often it was sent on, and a way to send it again. */
export function DeliveryDetails({ id, onClose }: DeliveryDetailsProps) {
  const api = useApi();
  const { data, error, reload } = usePluginFetch<DeliveryAnswer>(`/deliveries/${encodeURIComponent(id)}`);
  const close = (
    <button type="button" onClick={onClose}>
      Close
    </button>
  );
  if (data === undefined) {
    return (
      <section className="stack card padded" aria-label="Details">
        <p className={error === undefined ? "quiet" : "bad"}>{error?.message ?? "Loading …"}</p>
        {close}
      </section>
    );
  }
  const { delivery, body, encoding } = data;
  const shown = encoding === "text" ? formatBody(body) : body;
  const remove = async () => {
    await fetchJson(api, `/deliveries/${id}`, { method: "DELETE" });
    onClose();
  };
  const isAdmin = api.user.role === "admin";
  return (
    <section className="stack card padded" aria-label="Details">
      <div className="toolbar">
        <h2>{delivery.event ?? delivery.method}</h2>
        <a href={`/plugins/webhooks/deliveries/${id}/body`} download>
          Save body
        </a>
        {isAdmin && <Confirm label="Remove" question="Remove this webhook?" onConfirm={remove} />}
        {close}
      </div>
      <dl>
        <Fact name="Source">{delivery.source}</Fact>
        <Fact name="Received">{formatTime(delivery.receivedAt)}</Fact>
        <Fact name="Sender's id">{delivery.deliveryId ?? "none"}</Fact>
        <Fact name="Came">{delivery.attempts === 1 ? "once" : `${delivery.attempts} times`}</Fact>
        <Fact name="Signature">{delivery.isVerified ? "verified" : "not verified"}</Fact>
        <Fact name="Size">{formatBytes(delivery.bodyBytes)}</Fact>
      </dl>
      {isAdmin && <ReplayForm id={id} source={delivery.source} onDone={reload} />}
      {delivery.replays.length > 0 && <Replays replays={delivery.replays} />}
      <h3>Body</h3>
      <pre aria-label="Body">{shown.slice(0, MAX_SHOWN_CHARACTERS)}</pre>
      {shown.length > MAX_SHOWN_CHARACTERS && (
        <p className="quiet">This is its beginning; save the body for the rest.</p>
      )}
      <h3>Headers</h3>
      <dl className="headers">
        {Object.entries(delivery.headers).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ReplayForm({ id, source, onDone }: { id: string; source: string; onDone: () => void }) {
  const api = useApi();
  const sources = usePluginFetch<SourcesAnswer>("/sources").data?.sources;
  const usual = sources?.find(({ name }) => name === source)?.replayUrl ?? "";
  const [typed, setTyped] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const url = typed ?? usual;
  const send = async () => {
    setSending(true);
    try {
      const { replay } = await fetchJson<{ replay: Replay }>(api, `/deliveries/${id}/replay`, {
        method: "POST",
        body: { url },
      });
      const isGood = replay.status !== null && replay.status < 400;
      api.showToast(`Replayed: ${replay.status ?? replay.answer}`, isGood ? "success" : "warning");
      onDone();
    } catch (error) {
      api.showToast(error instanceof Error ? error.message : String(error), "error");
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      className="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <input
        type="url"
        required
        disabled={sources === undefined}
        placeholder="http://127.0.0.1:8080/hook"
        aria-label="Replay to"
        value={url}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="primary" disabled={isSending}>
        Replay
      </button>
    </form>
  );
}

function Replays({ replays }: { replays: Replay[] }) {
  return (
    <ul className="replays" aria-label="Replays">
      {replays.map((replay) => (
        <li key={replay.at}>
          <span className={replay.status !== null && replay.status < 400 ? "good" : "bad"}>
            {replay.status ?? "no answer"}
          </span>{" "}
          {replay.url} <span className="quiet">{`${formatTime(replay.at)}, ${replay.ms} ms, by ${replay.by}`}</span>
          {replay.answer !== "" && <code>{replay.answer}</code>}
        </li>
      ))}
    </ul>
  );
}
