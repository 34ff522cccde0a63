import { checkFile, EXIT_CODES, FORMAT_NAMES, type CheckOptions } from "@toru/conformance";
import { Option, type Command } from "commander";

/** Adds `toru check FILE`. Unlike other commands it has exit codes of its own: 0 passed, 1 failed, 2 could not be run. */
export function addCheck(program: Command): void {
  program
    .command("check")
    .description("examine a plugin's executable: does it keep the protocol?")
    .argument("[file]", "the executable")
    .option("--only <id>", "this case, or else all whose id starts so; several times", collect)
    .option("--list", "print the cases")
    .addOption(new Option("--format <name>", "form of the report").choices(FORMAT_NAMES).default("human"))
    .option("--known-failures <file>", 'lines "id: reason" of cases that must fail')
    .option("--strict", 'a failed "should" fails the exam')
    .option("--verbose", "show what went over the wire")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_CODES.notRun))
    .action(async (file: string | undefined, options: CheckOptions) => process.exit(await checkFile(file, options)));
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
