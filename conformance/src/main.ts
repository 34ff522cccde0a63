#!/usr/bin/env bun
import { parseArgs } from "node:util";
import { checkFile, EXIT_CODES } from "./check-file.ts";

const HELP = `Usage: main.ts [options] FILE

Examines a plugin's executable.

  --format NAME          human (default), json or junit
  --only ID              this case, or else all whose id starts so; several times
  --list                 print the cases
  --known-failures FILE  lines "id: reason" of cases that must fail
  --strict               a failed "should" fails the exam
  --verbose              show what went over the wire
`;

process.exit(await main());

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        format: { type: "string" },
        only: { type: "string", multiple: true },
        list: { type: "boolean" },
        "known-failures": { type: "string" },
        strict: { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      await Bun.write(Bun.stdout, HELP);
      return EXIT_CODES.passed;
    }
    const { "known-failures": knownFailures, help: _help, ...rest } = values;
    return await checkFile(positionals[0], { ...rest, ...(knownFailures === undefined ? {} : { knownFailures }) });
  } catch (error) {
    await Bun.write(Bun.stderr, `${(error as Error).message}\n\n${HELP}`);
    return EXIT_CODES.notRun;
  }
}
