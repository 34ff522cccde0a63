/** Copies, also where the page came by plain http and the browser has no clipboard for it. False where it may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    console.debug("The clipboard is not there, the older way is tried:", error);
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Inside an open modal dialog nothing outside it can be selected.
  const shell = document.querySelector("#toru")?.shadowRoot;
  const focused = shell?.activeElement;
  (shell?.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
