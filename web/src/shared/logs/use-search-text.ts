import { useEffect, useRef, useState } from "react";

/** How long a person may pause while typing, in milliseconds. */
const PAUSE_MS = 300;

/** The text of a search field that searches once the typing pauses. `q` may change from elsewhere too. */
export function useSearchText(q: string, search: (q: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(q);
  const [known, setKnown] = useState({ q, sent: q });
  if (known.q !== q) {
    setKnown({ ...known, q });
    // The answer to our own search does not overwrite what was typed since.
    if (q !== known.sent) setText(q);
  }
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (timer.current !== null && clearTimeout(timer.current)), []);
  const type = (next: string) => {
    setText(next);
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setKnown((before) => ({ ...before, sent: next.trim() }));
      latest.current(next.trim());
    }, PAUSE_MS);
  };
  return [text, type];
}
