import type { Translation } from "../../translation.ts";
import type { en } from "../en/index.ts";
import { account } from "./account.ts";
import { common } from "./common.ts";
import { events } from "./events.ts";
import { home } from "./home.ts";
import { host } from "./host.ts";
import { logs } from "./logs.ts";
import { palette } from "./palette.ts";
import { plugins } from "./plugins.ts";
import { session } from "./session.ts";
import { shell } from "./shell.ts";
import { view } from "./view.ts";

export const pl: Translation<typeof en> = {
  account,
  common,
  events,
  home,
  host,
  logs,
  palette,
  plugins,
  session,
  shell,
  view,
};
