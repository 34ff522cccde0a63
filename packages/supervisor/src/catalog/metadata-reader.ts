import type { PluginFile } from "../folder/plugin-file.ts";
import type { MetadataResult } from "../folder/read-metadata.ts";
import { shortageOf, StartFault } from "../process/start-fault.ts";
import type { ProcessorTurns } from "../resources/processor-turns.ts";

/** How long the others wait for a `--metadata` run that is slow, so that the first by name wins a collision. */
const GRACE_MS = 1_000;

export interface MetadataReaderOptions {
  turns: ProcessorTurns;
  readMetadata: (file: PluginFile, onSpawn: (pid: number) => void) => Promise<MetadataResult>;
  /** A run takes so long that nobody waits for it any more. */
  onSlow: () => void;
}

/** Asks files for their metadata, a few at a time, and knows for which of them the others must wait. */
export class MetadataReader {
  readonly #options: MetadataReaderOptions;
  /** Files whose metadata may still come before anything behind them by name is decided. */
  readonly #awaited = new Set<PluginFile>();

  constructor(options: MetadataReaderOptions) {
    this.#options = options;
  }

  /** The first by name that others wait for; null where there is none. */
  get firstAwaited(): string | null {
    let first: string | null = null;
    for (const { file } of this.#awaited) if (first === null || file < first) first = file;
    return first;
  }

  /** Null where the signal was aborted before it was asked. */
  async read(file: PluginFile, signal: AbortSignal): Promise<MetadataResult | null> {
    const { turns, readMetadata, onSlow } = this.#options;
    this.#awaited.add(file);
    using turn = await turns.take(signal);
    if (turn === null) return null;
    const timer = setTimeout(() => {
      this.#awaited.delete(file);
      onSlow();
    }, GRACE_MS);
    try {
      return await readMetadata(file, (pid) => turn.follow(pid));
    } catch (error) {
      const fault = shortageOf(error);
      const reason = fault instanceof Error ? fault.message : String(fault);
      const isShortage = fault instanceof StartFault && fault.faultOf === "host";
      return { ok: false, id: null, reason, ...(isShortage ? { mayPass: "soon" } : {}) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** What was read of it is taken into account. */
  settle(file: PluginFile): void {
    this.#awaited.delete(file);
  }
}
