/// <reference types="vite/client" />
import { definePage, usePath } from "@toru/page/react";
import { DeliveriesView } from "./deliveries-view.tsx";
import { DeliveryDetails } from "./delivery-details.tsx";
import { SourcesView } from "./sources-view.tsx";
import "./webhooks.css";

function Webhooks() {
  const { path, go } = usePath();
  const [view = "", id = ""] = path.split("/");
  const tab = (name: string, target: string, isCurrent: boolean) => (
    <button type="button" aria-current={isCurrent ? "page" : undefined} onClick={() => go(target)}>
      {name}
    </button>
  );
  const isSources = view === "sources";
  return (
    <div className="webhooks">
      <nav aria-label="Webhooks">
        {tab("Received", "", !isSources)}
        {tab("Sources", "sources", isSources)}
      </nav>
      {isSources ? (
        <SourcesView />
      ) : (
        <div className={view === "delivery" ? "split open" : "split"}>
          <DeliveriesView chosen={id} onChoose={(chosen) => go(`delivery/${chosen}`)} />
          {view === "delivery" && <DeliveryDetails key={id} id={id} onClose={() => go("")} />}
        </div>
      )}
    </div>
  );
}

export default definePage(Webhooks);
