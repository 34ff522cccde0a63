/** What is thrown at once becomes a rejection, too. */
export function settle(call: () => unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(call()));
}
