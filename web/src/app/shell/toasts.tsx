import { Toaster } from "sonner";
import { usePreference } from "#shared/preferences/use-preference.ts";

/** Announced politely; stays longer than the default, so that it can be read. */
export function Toasts() {
  const [theme] = usePreference("theme");
  return <Toaster theme={theme} position="bottom-right" duration={6_000} closeButton visibleToasts={4} />;
}
