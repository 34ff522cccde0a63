import type { ForwardError, Manifest } from "@toru/core";
import type { InitInfo, ProtocolError } from "@toru/protocol";
import type { LinkLimits, PluginLink, PluginServices } from "../link/plugin-link.ts";
import { V1Link } from "../link/v1-link.ts";
import { V2Link } from "../link/v2-link.ts";
import { pause, retryWhileRefused } from "../socket/connect-when-listening.ts";
import { untilListening } from "../socket/listening-sockets.ts";
import { closeToOthers } from "../socket/plugin-socket.ts";

/** A lost connection is often the first sign of a process's end: so long it may take to be seen. */
const EXIT_AFTER_LOSS_MS = 200;
/** Connections that are made again in one life of a process; the loss after that restarts it. */
const MAX_RECONNECTS = 1;
const ENDED: ForwardError = { code: "died", message: "the plugin's process ended before it answered" };

export interface ConnectionOptions {
  manifest: Manifest;
  init: InitInfo;
  limits: LinkLimits;
  services: PluginServices;
  act: (message: string, fields: Record<string, unknown>) => void;
  /** Aborted when the process has ended or is to end. */
  over: AbortSignal;
  /** The process has ended or was told to: a lost connection is no surprise then. */
  isEnding: () => boolean;
  /** It was lost and is being made again. */
  onLost: (reason: string) => void;
  /** It is there again. */
  onBack: () => void;
  /** It cannot be made again. */
  onFailed: (reason: string) => void;
}

/** The connection to one process of a plugin: made, made again where it is lost, and closed. */
export class PluginConnection {
  readonly #options: ConnectionOptions;
  #link: PluginLink | null = null;
  #isUp = false;
  #reconnects = 0;
  #droppedBefore = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Null while it is not there. */
  get link(): PluginLink | null {
    return this.#isUp ? this.#link : null;
  }

  get droppedReplies(): number {
    return this.#droppedBefore + (this.#link?.droppedReplies ?? 0);
  }

  /** Null once the plugin has taken init, else why it has not. */
  async connect(): Promise<string | null> {
    const { manifest, init, limits, act, over } = this.#options;
    const deadline = AbortSignal.any([over, AbortSignal.timeout(limits.startTimeoutMs)]);
    const link = await (manifest.protocol === 1 ? this.#reach1(deadline) : this.#reach2(deadline));
    if (link === null) return `it did not listen on its socket within ${limits.startTimeoutMs / 1000} s`;
    await closeToOthers(init.socketPath);
    this.#droppedBefore += this.#link?.droppedReplies ?? 0;
    this.#link = link;
    if (over.aborted) this.close();
    act("init", { protocol: manifest.protocol });
    const failure = await link.init(init);
    this.#isUp = failure === null && !over.aborted;
    return failure;
  }

  close(): void {
    this.#isUp = false;
    this.#link?.close(ENDED);
  }

  async #reach1(deadline: AbortSignal): Promise<V1Link | null> {
    const { init, limits, services } = this.#options;
    return (await untilListening(init.socketPath, deadline)) ? new V1Link(init.socketPath, limits, services) : null;
  }

  async #reach2(deadline: AbortSignal): Promise<V2Link | null> {
    const { init, limits, services } = this.#options;
    let link: V2Link | null = null;
    const onLost = (fault: ProtocolError | null) => void this.#lost(link, fault);
    link = await retryWhileRefused(() => V2Link.connect(init.socketPath, limits, services, onLost), deadline);
    return link;
  }

  async #lost(link: PluginLink | null, fault: ProtocolError | null): Promise<void> {
    const { services, act, over, isEnding, onLost, onBack, onFailed } = this.#options;
    if (link !== this.#link || !this.#isUp) return; // while it starts, `init` reports the loss
    this.#isUp = false;
    const reason = fault === null ? "it closed its connection" : `it broke the protocol: ${fault.message}`;
    if (fault !== null) services.warn(`connection closed: ${fault.message} (${fault.code})`);
    await pause(EXIT_AFTER_LOSS_MS, over);
    if (over.aborted || isEnding()) return;
    if (this.#reconnects >= MAX_RECONNECTS) return onFailed(`${reason}, again`);
    this.#reconnects += 1;
    onLost(reason);
    act("reconnect", { reason });
    const failure = await this.connect().catch((error: unknown) => String(error));
    if (over.aborted || isEnding()) return;
    if (failure !== null) onFailed(`${reason}, and ${failure}`);
    else onBack();
  }
}
