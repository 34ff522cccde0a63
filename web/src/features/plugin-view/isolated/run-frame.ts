import tokens from "#shared/styles/tokens.css?raw";
import { failureOf, type PageFailure } from "../page-failure.ts";
import { runPage } from "../run-page.ts";
import { settle } from "../settle.ts";
import { FrameApi, showAddress, showTheme } from "./frame-api.ts";
import type { FrameMessage, FrameOpening, PanelMessage } from "./messages.ts";

/** The script of `isolated-page.html`: waits for the panel to hand over a bundle, and runs it. */
addEventListener("message", open);

function open({ source, data, ports: [port] }: MessageEvent): void {
  if (source !== parent || port === undefined) return;
  removeEventListener("message", open);
  void runFrame(data as FrameOpening, port);
}

async function runFrame(opening: FrameOpening, port: MessagePort): Promise<void> {
  const { id, script, theme, language, address } = opening;
  const container = prepareDocument(language);
  showTheme(theme);
  showAddress(address);
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const end = new AbortController();
  const frameApi = new FrameApi(port, opening, end.signal);
  const send = (message: FrameMessage) => port.postMessage(message);
  const fail = (failure: PageFailure) => send({ type: "failed", failure: atBundle(failure, url, id) });
  send({ type: "started" });

  const ran = await runPage(id, url);
  const page = ran?.kind === "page" ? ran.page : null;
  port.addEventListener("message", ({ data }) => {
    const message = data as PanelMessage;
    if (message.type !== "unmount") return frameApi.hear(message);
    end.abort();
    settle(() => page?.unmount?.(container)).then(
      () => send({ type: "unmounted", failure: null }),
      (error) => send({ type: "unmounted", failure: atBundle(failureOf("later", error), url, id) }),
    );
  });
  port.start();
  if (page === null) return fail(ran?.kind === "failed" ? ran.failure : { stage: "load", message: "", details: null });

  const failLater = (error: unknown) => fail(failureOf("later", error));
  window.addEventListener("error", ({ error, message }) => failLater(error ?? message), { signal: end.signal });
  window.addEventListener("unhandledrejection", ({ reason }) => failLater(reason), { signal: end.signal });
  settle(() => page.mount(container, frameApi.api)).catch((error) => {
    console.error(error);
    if (!end.signal.aborted) fail(failureOf("mount", error));
  });
}

function prepareDocument(language: string): HTMLElement {
  document.documentElement.lang = language;
  const style = document.createElement("style");
  style.textContent = tokens;
  document.head.prepend(style);
  const container = document.createElement("div");
  container.className = "toru-plugin-page";
  document.body.append(container);
  return container;
}

/** The script runs under an address that says nothing to anybody. */
function atBundle(failure: PageFailure, url: string, id: string): PageFailure {
  const name = (text: string) => text.replaceAll(url, `/api/plugins/${id}/bundle.js`);
  return { ...failure, message: name(failure.message), details: failure.details && name(failure.details) };
}
