import type { en } from "./messages/en/index.ts";

declare module "use-intl" {
  interface AppConfig {
    Locale: "en" | "pl";
    Messages: typeof en;
  }
}
