import type { KvQuery, PluginEvent, PluginUser, ThemeName, ToastType } from "@toru/page";
import type { PageFailure } from "../page-failure.ts";

/** What the frame is told first, together with the port for everything else. */
export interface FrameOpening {
  id: string;
  script: string;
  /** What of the address is below the page's own. */
  address: string;
  language: string;
  theme: ThemeName;
  user: PluginUser;
}

export type PanelMessage =
  | { type: "answer"; id: number; value: unknown }
  | { type: "refusal"; id: number; error: Refusal }
  | { type: "theme"; theme: ThemeName }
  | { type: "event"; event: PluginEvent }
  | { type: "address"; address: string }
  | { type: "unmount" };

/** An error as it crosses the border. `status` is that of HTTP, null where there is none. */
export interface Refusal {
  name: string;
  message: string;
  status: number | null;
}

/** An answer to a `fetch`. The body is whole where the browser cannot hand over a stream. */
export interface FetchAnswer {
  status: number;
  statusText: string;
  headers: [string, string][];
  body: ReadableStream<Uint8Array<ArrayBuffer>> | ArrayBuffer | null;
}

export interface FetchCall {
  type: "fetch";
  id: number;
  path: string;
  method: string;
  headers: [string, string][];
  body: ArrayBuffer | null;
}

export type KvCall = { type: "kv"; id: number } & KvOperation;

export type KvOperation =
  | { action: "get" | "delete"; key: string }
  | { action: "set"; key: string; value: string }
  | { action: "list"; query: KvQuery };

/** How the page fares. */
export type FrameReport =
  | { type: "started" }
  | { type: "failed"; failure: PageFailure }
  | { type: "unmounted"; failure: PageFailure | null };

export type FrameMessage =
  | FetchCall
  | KvCall
  | { type: "cancel"; id: number }
  | { type: "toast"; message: string; kind: ToastType }
  | { type: "navigate"; path: string }
  | FrameReport;
