import type { LogWriter, NewLogEntry } from "@toru/core";
import { isObject, toLogLevel } from "@toru/protocol";
import { closeSync } from "node:fs";
import { TurnShare } from "../turn-share.ts";
import { LineSplitter } from "./line-splitter.ts";
import { within } from "./within.ts";

/** Lines of output that a crash report keeps. */
const KEPT_LINES = 50;
/** Of each of them, in UTF-16 units: crash reports travel with every list of plugins. The log has the whole line. */
const KEPT_CHARACTERS = 1_000;

export interface OutputSource {
  log: LogWriter;
  /** Whether requests for other plugins are on their way: lines take second place then. */
  othersAreAsked: () => boolean;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * Reads a plugin's stdout and stderr to the end, into its log. It reads no faster than the log is written: a flood
 * fills the pipe and so slows down its source. The pipe ends when its last holder ends, which may be a grandchild.
 */
export class PluginOutput {
  readonly #source: OutputSource;
  readonly #last: string[] = [];
  readonly #readers: Reader[] = [];
  readonly #done: Promise<unknown>;
  #chunks = 0;

  /** Closes both descriptors in the end, also where it throws since one cannot be read. */
  constructor(source: OutputSource, stdoutFd: number, stderrFd: number) {
    this.#source = source;
    const stdout = openReader(stdoutFd, stderrFd);
    const stderr = openReader(stderrFd, stdoutFd);
    this.#readers.push(stdout, stderr);
    this.#done = Promise.all([
      this.#read(stdout, stdoutFd, (line) => ({ level: "info", message: line })),
      this.#read(stderr, stderrFd, entryOfStderr),
    ]);
  }

  /** The last lines of both, in the order they came. */
  get lastLines(): string[] {
    return [...this.#last];
  }

  /** Waits until all was read, or nothing came for `idleMs`, at most `limitMs`; then lets go of the pipes. */
  async close(idleMs: number, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    let isDone = false;
    for (let seen = -1; !isDone && seen !== this.#chunks && performance.now() < deadline;) {
      seen = this.#chunks;
      isDone =
        (await within(
          this.#done.then(() => true),
          idleMs,
        )) === true;
    }
    if (!isDone) await within(Promise.allSettled(this.#readers.map((reader) => reader.cancel())), idleMs);
  }

  async #read(reader: Reader, fd: number, toEntry: (line: string) => NewLogEntry): Promise<void> {
    const splitter = new LineSplitter();
    const share = new TurnShare(this.#source.othersAreAsked);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        this.#chunks += 1;
        share.count(false); // waiting is no work
        for (const line of splitter.push(value)) {
          await this.#keep(line, toEntry);
          if (share.count(true)) await share.next();
        }
      }
      for (const line of splitter.end()) await this.#keep(line, toEntry);
    } catch (error) {
      void this.#source.log.write({
        level: "error",
        message: "the plugin's output cannot be read further",
        error: String(error),
      });
    } finally {
      closeSync(fd); // the stream reads from a duplicate of its own
    }
  }

  async #keep(line: string, toEntry: (line: string) => NewLogEntry): Promise<void> {
    this.#last.push(line.length > KEPT_CHARACTERS ? `${line.slice(0, KEPT_CHARACTERS)}…` : line);
    if (this.#last.length > KEPT_LINES) this.#last.shift();
    const full = this.#source.log.write(toEntry(line));
    if (full !== null) await full;
  }
}

/** The stream reads from a duplicate of the descriptor, which may not be to be had: then both are closed. */
function openReader(fd: number, other: number): Reader {
  try {
    return (Bun.file(fd).stream() as ReadableStream<Uint8Array>).getReader();
  } catch (error) {
    closeSync(fd);
    closeSync(other);
    throw error;
  }
}

/** A line that is a JSON object with a message says for itself what it is; others are information. */
function entryOfStderr(line: string): NewLogEntry {
  if (!line.startsWith("{")) return { level: "info", message: line };
  try {
    const value: unknown = JSON.parse(line);
    const message = isObject(value) ? (value["message"] ?? value["msg"]) : undefined;
    if (!isObject(value) || typeof message !== "string") return { level: "info", message: line };
    const { level, message: _message, msg: _msg, timestamp: _timestamp, error, fields, ...rest } = value;
    const entry: NewLogEntry = { level: toLogLevel(level) ?? "info", message };
    if (error !== undefined && error !== null) entry.error = typeof error === "string" ? error : JSON.stringify(error);
    const all = { ...rest, ...(isObject(fields) ? fields : {}) };
    if (Object.keys(all).length > 0) entry.fields = all;
    return entry;
  } catch {
    return { level: "info", message: line }; // looked like JSON and is not: an ordinary line
  }
}
