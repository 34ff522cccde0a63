// npm test: sets up what is missing and checks everything, in the order that fails soonest.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { build } from "./build.mjs";
import { bin, must, root } from "./run.mjs";
import { ensureChromium, ensureCommand, installPackages } from "./setup.mjs";
import { prepareCargo, preparePython } from "./toolchains.mjs";

/** How each runner says what passed and what failed. */
const BUN = { passed: /^ (\d+) pass$/gm, failed: /^ (\d+) fail$/gm, failure: /^\(fail\) .*$/gm };
const UNITTEST = {
  passed: /^Ran (\d+) tests?/gm,
  passedIsTotal: true,
  failed: /\b(?:failures|errors)=(\d+)/g,
  failure: /^(?:FAIL|ERROR): .*$/gm,
};
const PYTEST = {
  passed: /^=+ .*?\b(\d+) passed\b.* in [\d.]+s/gm,
  failed: /^=+ .*?\b(\d+) failed\b.* in [\d.]+s/gm,
  failure: /^(?:FAILED|ERROR) .*$/gm,
};
const CARGO = {
  passed: /^test result: .* (\d+) passed/gm,
  failed: /^test result: .* (\d+) failed/gm,
  failure: /^test .* FAILED$/gm,
};
const PLAYWRIGHT = { passed: /^ +(\d+) passed \(/gm, failed: /^ +(\d+) (?:failed|flaky)\b/gm, failure: /^ +✘ .*$/gm };

/** Test files at a time: many tests wait more than they work. */
const WORKERS = Math.max(3, availableParallelism());

await installPackages();
if (!ensureCommand("python3", "python3", "the fixture plugins and an example are written in it")) process.exit(1);

// The guide for other languages holds a plugin in Go, which a test compiles and examines.
if (!ensureCommand("go", "golang-go", "a plugin in Go is compiled"))
  console.log("The tests of that plugin will be skipped.");

await step("Format", () => must(bin("oxfmt"), ["--check"], "The format check (npm run format mends it)"));
await step("Types", () => must(bin("tsc"), ["-p", "."], "The type check"));
await step("Lint", () => must(bin("oxlint"), ["--type-aware", "--deny-warnings"], "The linter"));
await step("Unused code", () => must(bin("bun"), [bin("knip")], "The check for unused code"));
await step("Build", build);

const totals = { passed: 0, failed: 0, failures: [] };
await step("TypeScript tests", async () => {
  const args = ["test", "--timeout", "60000", `--parallel=${WORKERS}`, ...process.argv.slice(2)];
  await runTests(bin("bun"), args, BUN);
});
const python = await preparePython();
if (python === null) process.exit(1);
const cargo = prepareCargo();
const crates = ["--workspace", "--all-features", "--locked"];
await step("Types and lint of Python and Rust", async () => {
  await must(python, ["-m", "mypy"], "mypy", { env: pythonEnvironment(), folder: "sdks/python" });
  if (cargo === null) return;
  await must("cargo", ["fmt", "--all", "--check"], "The format check of Rust (cargo fmt mends it)", { env: cargo });
  const clippy = ["clippy", ...crates, "--all-targets", "--", "-D", "warnings"];
  await must("cargo", clippy, "clippy", { env: cargo });
});
// Each is the work of one core, with waits.
await step("Python and Rust tests", () => Promise.all([testPython(), testRust()]));
await step("Browser tests", async () => {
  const environment = { TORU_CHROMIUM: await ensureChromium() };
  await runTests(bin("playwright"), ["test", "-c", "e2e"], PLAYWRIGHT, { environment });
});
if (totals.failures.length > 0) console.log(`\nWhat failed:\n${totals.failures.join("\n")}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function step(name, action) {
  const start = performance.now();
  console.log(`— ${name}`);
  await action();
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function testPython() {
  for (const folder of pythonTests()) {
    await runTests("python3", ["-m", "unittest", "discover", "-s", folder, "-p", "test_*.py"], UNITTEST);
  }
  const args = ["-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "sdks/python", "examples/certificates"];
  await runTests(python, args, PYTEST, { environment: pythonEnvironment() });
}

/** The plugins under test are started as `python3`, which has to be the one with the tests' packages. */
function pythonEnvironment() {
  return { PYTHONPATH: join(root, "sdks/python/src"), PATH: `${dirname(python)}${delimiter}${process.env.PATH}` };
}

async function testRust() {
  if (cargo !== null) return runTests("cargo", ["test", ...crates], CARGO, { environment: cargo, isHeld: true });
  // CI has cargo: there a missing one is a failure.
  console.log("The Rust tests were SKIPPED.");
  if (!process.env.CI) return;
  totals.failures.push("There is no cargo");
  totals.failed += 1;
}

/** Shows the runner's output, all of it at its end where it is held back, and counts by it. */
async function runTests(command, args, runner, { environment = {}, isHeld = false } = {}) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...environment };
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      if (!isHeld) process.stdout.write(text);
      output += text;
    });
  }
  const [code] = await once(child, "close");
  if (isHeld) process.stdout.write(output);
  const counted = (pattern) => [...output.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
  // A runner that ends badly without a count has failed too.
  const failed = counted(runner.failed) || (code === 0 ? 0 : 1);
  totals.passed += counted(runner.passed) - (runner.passedIsTotal ? failed : 0);
  totals.failed += failed;
  totals.failures.push(...new Set([...output.matchAll(runner.failure)].map(([line]) => line.trim())));
}

function pythonTests() {
  const folders = [
    "packages/server/tests/plugins",
    ...readdirSync(join(root, "examples")).map((name) => `examples/${name}`),
  ];
  return folders.filter(
    (folder) =>
      existsSync(join(root, folder)) && readdirSync(join(root, folder)).some((file) => /^test_.*\.py$/.test(file)),
  );
}
