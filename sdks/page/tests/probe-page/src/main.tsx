/// <reference types="vite/client" />
/** The page of the fixture plugin `acme`: every hook, and a way to fail. */
import { definePage, fetchJson, useApi, useKv, usePluginFetch, usePluginState, useTheme } from "@toru/page/react";
import { StrictMode, useState } from "react";
import dot from "./dot.svg";
import "./probe.css";

interface Echo {
  method: string;
  path: string;
}

function Probe() {
  if (sessionStorage.getItem("failAt") === "first render") throw new Error("broken in the first render");
  const api = useApi();
  const theme = useTheme();
  const state = usePluginState();
  return (
    <section className="acme-probe">
      <h2>Probe of {api.user.username}</h2>
      <p>Theme: {theme}</p>
      <p>State: {state === null ? "no change" : `${state.status} ${state.health}`}</p>
      <img alt="A dot" src={dot} />
      <Asking />
      <Colour />
      <Fragile />
    </section>
  );
}

function Asking() {
  const api = useApi();
  const [path, setPath] = useState("/one");
  const { data, error, isLoading, reload } = usePluginFetch<Echo>(path);
  const [sent, setSent] = useState("");
  const send = async () => {
    const { method } = await fetchJson<Echo>(api, "/sent", { method: "POST", body: { n: 1 } });
    setSent(method);
  };
  return (
    <div>
      <p>{error === undefined ? `Answer: ${data?.path ?? "none yet"}` : `Error: ${error.message}`}</p>
      <p>{isLoading ? "Loading" : "Loaded"}</p>
      <p>Sent: {sent}</p>
      <button onClick={() => setPath("/two")}>Ask for two</button>
      <button onClick={() => setPath("/error")}>Ask for an error</button>
      <button onClick={reload}>Reload</button>
      <button onClick={() => void send()}>Send</button>
    </div>
  );
}

function Colour() {
  const colour = useKv("colour");
  return (
    <div>
      <p>Colour: {colour.value ?? "none"}</p>
      <button onClick={() => void colour.set("blue")}>Blue</button>
      <button onClick={() => void colour.set(null)}>No colour</button>
      {colour.error !== undefined && <p>{colour.error.message}</p>}
    </div>
  );
}

function Fragile() {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) throw new Error("broken in a later render");
  return <button onClick={() => setBroken(true)}>Break</button>;
}

export default definePage(() => (
  <StrictMode>
    <Probe />
  </StrictMode>
));
