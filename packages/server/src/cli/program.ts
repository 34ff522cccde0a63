import { Command, Option } from "commander";
import { LANGUAGES, type Language, PAGES, type PageKind } from "../authoring/language.ts";
import { flagName, SETTING_NAMES, SETTINGS, type SettingName } from "../settings/setting-table.ts";
import { readSettings, type Flags, type Settings } from "../settings/settings.ts";
import { version } from "../version.ts";
import { resetPassword } from "./admin.ts";
import { addCheck } from "./check.ts";
import { CliError } from "./cli-error.ts";
import { ControlClient } from "./control-client.ts";
import { dev } from "./dev.ts";
import { newProject } from "./new.ts";
import { listPlugins, managePlugin, pluginLogs } from "./plugins.ts";
import { serve } from "./serve.ts";
import { keepHeapSmall } from "./small-heap.ts";
import { createToken } from "./token.ts";
import { watch } from "./watch.ts";

const ALL = SETTING_NAMES;
const RUN: SettingName[] = ["TORU_DATA_DIR", "TORU_RUN_DIR"];

/** The `toru` command. Every failure is thrown as a CliError. */
export function buildProgram(): Command {
  const program = new Command("toru")
    .description("A control panel for a server, made of plugins that cannot take it down.")
    .version(`toru ${version}`, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError("(toru --help tells more)");

  withSettings(program.command("serve"), ALL)
    .description("run the host in the foreground")
    .action(async (options: Options) => {
      keepHeapSmall();
      await serve(await settingsOf(options, ALL));
    });

  addPlugins(program);
  addCheck(program);
  addAuthoring(program);

  withSettings(program.command("token").description("manage API tokens").command("create"), RUN)
    .description("create an API token of the admin, and print it once")
    .option("--name <name>", "what it is for", "command line")
    .addOption(new Option("--scope <scope>", "what it may do").choices(["read", "manage"]).default("read"))
    .option("--expires-in-days <days>", "days until it ends, or never", "90")
    .action(async (options: Options) => createToken(await client(options), options));

  const database: SettingName[] = ["TORU_DATA_DIR", "TORU_DATABASE_URL"];
  withSettings(program.command("admin").description("manage the admin's account").command("reset-password"), database)
    .description("set a new password and end all sessions; works with the host up or down")
    .option("--username <name>", "whose password", "admin")
    .option("--password-stdin", "read the password from standard input instead of making one")
    .action(async (options: Options) => resetPassword(await settingsOf(options, database), options));

  const logs: SettingName[] = ["TORU_DATA_DIR", "TORU_LOG_DIR"];
  withSettings(program.command("watch"), logs)
    .description("follow the log folder from outside: each plugin's health and what happened, with the host up or down")
    .option("--json", "one JSON object a line")
    .option("--once", "print what is known now and end")
    .action(async (options: Options) => watch(await settingsOf(options, logs), options));
  return program;
}

function addAuthoring(program: Command): void {
  program
    .command("new")
    .description("make the project of a new plugin, that builds, with a test")
    .argument("<name>", "name of the plugin, or a path that ends in it; lower-case letters, digits and hyphens")
    .addOption(new Option("--lang <language>", "language").choices(LANGUAGES).makeOptionMandatory())
    .addOption(new Option("--page <kind>", "with a page in the panel, made with React or with nothing").choices(PAGES))
    .action(async (name: string, { lang, page }: { lang: Language; page?: PageKind }) =>
      newProject(name, lang, page ?? null),
    );

  const forDev: SettingName[] = [...RUN, "TORU_PORT"];
  withSettings(program.command("dev"), forDev)
    .description("build a plugin's project, install it, and do so again at every save, until Ctrl-C")
    .argument("[folder]", "the project", ".")
    .addHelpText(
      "after",
      "\nWorks on the running host; where none runs, on one of the project's own, in its folder .toru.",
    )
    .action(async (folder: string, options: Options) => dev(folder, await settingsOf(options, forDev)));
}

function addPlugins(program: Command): void {
  const plugins = program.command("plugins").description("manage the plugins of the running host");
  withSettings(plugins.command("list"), RUN)
    .description("list all plugins with their state")
    .option("--json", "as the API gives them")
    .action(async (options: Options) => listPlugins(await client(options), options));
  for (const action of ["enable", "disable", "restart"] as const) {
    withSettings(plugins.command(action), RUN)
      .description(`${action} a plugin`)
      .argument("<id>", "id of the plugin")
      .action(async (id: string, options: Options) => managePlugin(await client(options), id, action));
  }
  withSettings(plugins.command("logs"), RUN)
    .description("print a plugin's log")
    .argument("<id>", "id of the plugin")
    .option("-f, --follow", "go on with new lines as they come")
    .option("-n, --lines <number>", "how many of the newest lines, 1 to 1000", "100")
    .addOption(new Option("--level <level>", "least level").choices(["debug", "info", "warn", "error"]))
    .action(async (id: string, options: Options) => pluginLogs(await client(options), id, options));
}

export type Options = Record<string, string | boolean | undefined>;

function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { help, fallback } = SETTINGS[name];
    const suffix = fallback === null ? "" : `, default ${fallback}`;
    command.option(`--${flagName(name)} <value>`, `${help} [${name}${suffix}]`);
  }
  return command;
}

async function settingsOf(options: Options, names: readonly SettingName[]): Promise<Settings> {
  const flags: Flags = {};
  for (const name of names) {
    const value = options[camelCase(flagName(name))];
    if (typeof value === "string") flags[name] = value;
  }
  const result = await readSettings(flags, process.env);
  if (result.ok) return result.settings;
  const count = result.problems.length === 1 ? "a setting is wrong" : `${result.problems.length} settings are wrong`;
  throw new CliError(
    `${count}, so nothing was started:\n${result.problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}

async function client(options: Options): Promise<ControlClient> {
  return new ControlClient((await settingsOf(options, RUN)).runDir);
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
