/**
 * Longest line of a plugin's output that is kept, in bytes; the rest of it is dropped and counted. A line of the log has
 * 16 KiB: the difference is for its other parts and for the count.
 */
export const MAX_OUTPUT_LINE_BYTES = 15 * 1024;

const NEWLINE = 0x0a;

/** Cuts output into lines. Memory is bounded by one line. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #droppedBytes = 0;

  *push(chunk: Uint8Array): Generator<string> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      yield this.#line(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The last line, where it did not end in a newline. */
  *end(): Generator<string> {
    if (this.#keptBytes > 0) yield this.#take();
  }

  #line(bytes: Uint8Array): string {
    // Most lines lie in one chunk, and need no copy.
    if (this.#keptBytes === 0 && bytes.length <= MAX_OUTPUT_LINE_BYTES) return this.#decode(bytes);
    this.#keep(bytes);
    return this.#take();
  }

  #keep(bytes: Uint8Array): void {
    const room = MAX_OUTPUT_LINE_BYTES - this.#keptBytes;
    const kept = bytes.subarray(0, Math.max(0, room));
    if (kept.length > 0) this.#kept.push(Uint8Array.prototype.slice.call(kept));
    this.#keptBytes += kept.length;
    this.#droppedBytes += bytes.length - kept.length;
  }

  #take(): string {
    const bytes = this.#kept.length === 1 ? this.#kept[0] : Buffer.concat(this.#kept, this.#keptBytes);
    const line = this.#decode(bytes);
    const cut = this.#droppedBytes === 0 ? "" : ` … [line cut: ${this.#droppedBytes} more bytes]`;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#droppedBytes = 0;
    return line + cut;
  }

  #decode(bytes: Uint8Array | undefined): string {
    const line = this.#decoder.decode(bytes);
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }
}
