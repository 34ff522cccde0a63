import { useMemo } from "react";
import { useMessages } from "use-intl";
import { hostTranslator } from "./host-text.ts";
import { en } from "./messages/en/index.ts";

/** What the host says, in the language of the panel. */
export function useHostText(): (text: string) => string {
  const { host } = useMessages();
  return useMemo(() => hostTranslator(en.host, host), [host]);
}
