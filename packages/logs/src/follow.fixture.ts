import { setTimeout as delay } from "node:timers/promises";

const DEADLINE_MS = 20_000;

/** Takes `count` items, or fails at the deadline with what came until then. Leaves the iteration open. */
export async function take<T>(iterator: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  const expired = Symbol("expired");
  const limit = new AbortController();
  const deadline = delay(DEADLINE_MS, expired, { signal: limit.signal }).catch(() => expired);
  try {
    while (items.length < count) {
      const result = await Promise.race([iterator.next(), deadline]);
      if (typeof result === "symbol") throw new Error(`only ${items.length} of ${count} items came in time`);
      if (result.done === true) throw new Error(`ended after ${items.length} of ${count} items`);
      items.push(result.value);
    }
    return items;
  } finally {
    limit.abort();
  }
}

export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await delay(20);
  }
}
