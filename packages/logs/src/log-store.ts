import type { LogStore, LogWriter, NewLogEntry } from "@toru/core";
import { encodeLine } from "./encode-line.ts";
import { LineWriter } from "./line-writer.ts";
import { LogError } from "@toru/core";
import { LogFileReader, type ResumableLogReader } from "./log-file-reader.ts";
import { HOST_NAME, logPaths, pluginLogPath } from "./log-paths.ts";

const PLUGIN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

export interface FileLogStoreOptions {
  /** Absolute. */
  directory: string;
  maxFileBytes: number;
  keep: number;
  now: () => number;
}

/** The log folder as files. Throws `invalid_plugin_id` for an id that cannot be a file name. */
export class FileLogStore implements LogStore {
  readonly directory: string;
  readonly host: LogWriter;
  readonly #options: FileLogStoreOptions;
  /** One for each file, by path. */
  readonly #files = new Map<string, LineWriter>();
  readonly #writers = new Map<string, LogWriter>();
  readonly #readers = new Map<string, ResumableLogReader>();

  constructor(options: FileLogStoreOptions) {
    this.directory = options.directory;
    this.#options = options;
    this.host = this.#writer(logPaths(options.directory).host, HOST_NAME);
  }

  plugin(id: string): LogWriter {
    return this.#writer(this.#pluginPath(id), id);
  }

  supervisor(plugin: string): LogWriter {
    return this.#writer(logPaths(this.directory).supervisor, plugin);
  }

  pluginReader(id: string): ResumableLogReader {
    const path = this.#pluginPath(id);
    const known = this.#readers.get(path);
    if (known !== undefined) return known;
    const reader = new LogFileReader({ path, keep: this.#options.keep, plugin: id });
    this.#readers.set(path, reader);
    return reader;
  }

  get lost(): number {
    return this.#files.values().reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Writes what is queued. What is written to after that is counted as lost. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#files.values(), (file) => file.close()));
  }

  #pluginPath(id: string): string {
    if (PLUGIN_ID.test(id)) return pluginLogPath(this.directory, id);
    const name = JSON.stringify(id.slice(0, 64));
    throw new LogError("invalid_plugin_id", `${name} cannot name a log: use letters, digits and hyphens, at most 64`);
  }

  #writer(path: string, plugin: string): LogWriter {
    const key = `${path}\0${plugin}`;
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    const writer = new PluginWriter(this.#file(path, plugin), plugin, this.#options.now);
    this.#writers.set(key, writer);
    return writer;
  }

  #file(path: string, plugin: string): LineWriter {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const { maxFileBytes, keep, now } = this.#options;
    const isShared = path === logPaths(this.directory).supervisor;
    const file = new LineWriter(path, { maxFileBytes, keep, now, plugin: isShared ? HOST_NAME : plugin });
    this.#files.set(path, file);
    return file;
  }
}

/** Adds time and plugin. Several may share a file. */
class PluginWriter implements LogWriter {
  readonly #file: LineWriter;
  readonly #plugin: string;
  readonly #now: () => number;

  constructor(file: LineWriter, plugin: string, now: () => number) {
    this.#file = file;
    this.#plugin = plugin;
    this.#now = now;
  }

  get path(): string {
    return this.#file.path;
  }

  write(entry: NewLogEntry): Promise<void> | null {
    return this.#file.write(encodeLine(new Date(this.#now()).toISOString(), this.#plugin, entry));
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }
}
