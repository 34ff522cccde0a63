/** Smaller buffers are left to the garbage collector: they are cheap there, and Node's pool shares one among strangers. */
const LEAST_BYTES = 16 * 1024;

const holders = new WeakMap<ArrayBufferLike, number>();

/**
 * Says that the memory behind `bytes` is for one reader more, who calls `release`. Bytes that pass through are given back
 * when the last one has, not when the garbage collector comes by: otherwise tens of megabytes lie resident in between, and
 * each piece is written to memory that is no longer in the processor's cache. Who never releases costs only that.
 */
export function retain(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer.byteLength >= LEAST_BYTES) holders.set(buffer, (holders.get(buffer) ?? 0) + 1);
}

/** After the last release every view of the memory is empty. Nothing happens to memory that was not retained. */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  const count = buffer.byteLength < LEAST_BYTES ? undefined : holders.get(buffer);
  if (count === undefined) return;
  if (count > 1) return void holders.set(buffer, count - 1);
  holders.delete(buffer);
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
