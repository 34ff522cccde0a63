/* oxlint-disable no-unused-vars -- one script is made of the files of this folder */

/** Waits between tries, in milliseconds. */
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];
/** There is an event every 2 s: a connection that has had none for so long is dead, in milliseconds. */
const SILENCE_MS = 10_000;

/**
 * Follows server-sent events of the plugin for as long as somebody sees the page. `onTrouble` is called when none come any
 * more; it goes on trying. Returns a function that opens the stream anew.
 */
function followEvents({ url, signal, onData, onTrouble }) {
  let source = null;
  let timer = 0;
  let failures = 0;

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function fail() {
    close();
    onTrouble();
    timer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  function expectMore() {
    clearTimeout(timer);
    timer = setTimeout(fail, SILENCE_MS);
  }

  function open() {
    close();
    if (signal.aborted || document.hidden) return;
    source = new EventSource(url());
    source.addEventListener("error", fail);
    source.addEventListener("message", ({ data }) => {
      failures = 0;
      expectMore();
      onData(JSON.parse(data));
    });
    expectMore();
  }

  document.addEventListener("visibilitychange", open, { signal });
  signal.addEventListener("abort", close);
  open();
  return open;
}
