#!/usr/bin/env bun
import { LogError, StorageError } from "@toru/core";
import { SupervisorError } from "@toru/supervisor";
import { CliError } from "./cli/cli-error.ts";
import { buildProgram } from "./cli/program.ts";
import { ListenError } from "./host/listen.ts";

/** Failures whose message is written for the person at the terminal. */
const EXPLAINED = [CliError, ListenError, LogError, StorageError, SupervisorError];

try {
  await buildProgram().parseAsync();
  process.exit(0);
} catch (error) {
  const explained = EXPLAINED.some((kind) => error instanceof kind);
  console.error(explained ? `toru: ${(error as Error).message}` : error);
  process.exit(1);
}
