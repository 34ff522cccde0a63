import { usePluginFetch } from "@toru/page/react";
import { useState } from "react";
import type { Delivery } from "../../src/delivery.ts";
import type { DeliveriesAnswer, SourcesAnswer } from "./api-types.ts";
import { formatBytes, formatTime } from "./format.ts";
import { useDelayed } from "./use-delayed.ts";

const REFRESH_MS = 3000;
const TYPING_MS = 200;
const PAGE = 50;
/** The most that the plugin gives at once. */
const MAX_SHOWN = 200;

interface DeliveriesViewProps {
  /** The id of the one whose details show; empty for none. */
  chosen: string;
  onChoose: (id: string) => void;
}

/** What came in, the newest first, as far as it matches the search. */
export function DeliveriesView({ chosen, onChoose }: DeliveriesViewProps) {
  const [text, setText] = useState("");
  const [source, setSource] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const query = new URLSearchParams({ q: useDelayed(text, TYPING_MS), source, limit: String(limit) });
  const { data, error } = usePluginFetch<DeliveriesAnswer>(`/deliveries?${query}`, { refreshMs: REFRESH_MS });
  const sources = usePluginFetch<SourcesAnswer>("/sources").data?.sources ?? [];
  const isSearch = text !== "" || source !== "";
  return (
    <section className="stack" aria-label="Received webhooks">
      <div className="toolbar">
        <input
          type="search"
          placeholder="Search events, ids, headers, bodies"
          aria-label="Search"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <select aria-label="Source" value={source} onChange={(event) => setSource(event.target.value)}>
          <option value="">All sources</option>
          {sources.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <output className="quiet">
          {data !== undefined && `${data.total} ${data.total === 1 ? "webhook" : "webhooks"}`}
        </output>
      </div>
      {error !== undefined && <p className="bad">{error.message}</p>}
      {data?.total === 0 && <Nothing isSearch={isSearch} hasSources={sources.length > 0} />}
      {data !== undefined && data.total > 0 && (
        <ul className="card rows">
          {data.deliveries.map((delivery) => (
            <li key={delivery.id}>
              <Row delivery={delivery} isChosen={delivery.id === chosen} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && data.next !== null && limit < MAX_SHOWN && (
        <button type="button" onClick={() => setLimit(limit + PAGE)}>
          Show older ones
        </button>
      )}
    </section>
  );
}

function Row({ delivery, isChosen, onChoose }: RowProps) {
  const { id, event, source, receivedAt, bodyBytes, isVerified, attempts, replays } = delivery;
  return (
    <button type="button" className="row" aria-pressed={isChosen} onClick={() => onChoose(id)}>
      <span className="name">{event ?? `${delivery.method} ${delivery.query}`}</span>
      <span className="badges">
        {!isVerified && <span className="badge warn">not verified</span>}
        {attempts > 1 && <span className="badge">came {attempts} times</span>}
        {replays[0] !== undefined && <span className="badge">replayed: {replays[0].status ?? "no answer"}</span>}
      </span>
      <span className="quiet">
        {source} · {formatBytes(bodyBytes)}
      </span>
      <time className="quiet" dateTime={receivedAt}>
        {formatTime(receivedAt)}
      </time>
    </button>
  );
}

interface RowProps {
  delivery: Delivery;
  isChosen: boolean;
  onChoose: (id: string) => void;
}

function Nothing({ isSearch, hasSources }: { isSearch: boolean; hasSources: boolean }) {
  if (isSearch) return <p className="card empty">Nothing matches.</p>;
  const hint = hasSources
    ? "Nothing has come in yet. The addresses to send to are under Sources."
    : "There is no source yet. An admin adds one under Sources.";
  return <p className="card empty">{hint}</p>;
}
