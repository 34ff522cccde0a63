// node benchmarks/panel/run.mjs: prints the figures of README.md.
import { runPlaywright } from "../../scripts/run-playwright.mjs";

await runPlaywright("benchmarks/panel");
