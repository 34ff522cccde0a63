import type { Transcript } from "../subject/transcript.ts";
import type { RunningPlugin } from "../subject/running-plugin.ts";
import type { V2Connection } from "../subject/v2-connection.ts";
import { v1Init } from "../subject/v1-messages.ts";

/** One process for the cases that leave it as they found it. A case that failed may not have: it is then replaced. */
export class SharedPlugin implements AsyncDisposable {
  readonly #start: () => RunningPlugin;
  #plugin: RunningPlugin | null = null;
  #connection: V2Connection | null = null;
  #hasInit = false;

  constructor(start: () => RunningPlugin) {
    this.#start = start;
  }

  get running(): RunningPlugin | null {
    return this.#plugin;
  }

  async started(transcript: Transcript): Promise<RunningPlugin> {
    if (this.#plugin?.process.end !== null) await this.discard();
    this.#plugin ??= this.#start();
    this.#plugin.transcript = transcript;
    return this.#plugin;
  }

  /** Started, and of version 1 behind `init`. */
  async plugin(transcript: Transcript): Promise<RunningPlugin> {
    const plugin = await this.started(transcript);
    if (plugin.manifest.protocol === 1 && !this.#hasInit) {
      await plugin.tellV1(v1Init(plugin));
      this.#hasInit = true;
    }
    return plugin;
  }

  async connection(transcript: Transcript): Promise<V2Connection> {
    if (this.#connection?.isClosed === true) await this.discard();
    const plugin = await this.started(transcript);
    this.#connection ??= await plugin.ready();
    return this.#connection;
  }

  async discard(): Promise<void> {
    const plugin = this.#plugin;
    this.#plugin = null;
    this.#connection = null;
    this.#hasInit = false;
    await plugin?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}
