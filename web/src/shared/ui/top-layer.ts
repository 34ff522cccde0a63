/**
 * The open modal dialogs, in the order of their opening. What lies outside the last one is inert for the browser: toasts
 * have to be inside it to be seen, clicked and announced.
 */
const dialogs: HTMLDialogElement[] = [];
const listeners = new Set<() => void>();

/** Returns the function that takes it off again. */
export function enterTopLayer(dialog: HTMLDialogElement): () => void {
  dialogs.push(dialog);
  notify();
  return () => {
    dialogs.splice(dialogs.indexOf(dialog), 1);
    notify();
  };
}

export function topDialog(): HTMLDialogElement | null {
  return dialogs.at(-1) ?? null;
}

export function onTopLayerChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify(): void {
  for (const listener of listeners) listener();
}
