// npm test: sets up what is missing and checks everything, in the order that fails soonest.
import { spawn } from "node:child_process";
import { readdirSync, existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { bin, must, root } from "./run.mjs";
import { ensureChromium, ensureCommand, installPackages } from "./setup.mjs";

/** Test files at a time: many tests wait more than they work. */
const WORKERS = Math.max(3, availableParallelism());

await installPackages();
if (!ensureCommand("python3", "python3", "the fixture plugins and an example are written in it")) process.exit(1);

await step("Format", () => must(bin("oxfmt"), ["--check"], "The format check (npm run format mends it)"));
await step("Types", () => must(bin("tsc"), ["-p", "."], "The type check"));
await step("Lint", () => must(bin("oxlint"), ["--type-aware", "--deny-warnings"], "The linter"));
await step("Unused code", () => must(bin("bun"), [bin("knip")], "The check for unused code"));
await step("Build", build);

const totals = { passed: 0, failed: 0 };
await step("TypeScript tests", async () => {
  add(
    await runTests(
      bin("bun"),
      ["test", "--timeout", "60000", `--parallel=${WORKERS}`, ...process.argv.slice(2)],
      / (\d+) pass\b/,
      / (\d+) fail\b/,
    ),
  );
});
for (const folder of pythonTests()) {
  await step(`Python tests in ${folder}`, async () => {
    const args = ["-m", "unittest", "discover", "-s", folder, "-p", "test_*.py"];
    const found = await runTests("python3", args, /Ran (\d+) tests?/, /FAILED \(.*?(\d+)/);
    add({ passed: found.passed - found.failed, failed: found.failed, code: found.code });
  });
}
await step("Browser tests", async () => {
  const chromium = await ensureChromium();
  const args = ["test", "-c", "e2e"];
  add(await runTests(bin("playwright"), args, / (\d+) passed \(/, / (\d+) failed\b/, { TORU_CHROMIUM: chromium }));
});
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function step(name, action) {
  const start = performance.now();
  console.log(`— ${name}`);
  await action();
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function add({ passed, failed, code }) {
  totals.passed += passed;
  // A runner that ends badly without a count has failed too.
  totals.failed += code !== 0 && failed === 0 ? 1 : failed;
}

/** Shows the runner's output and reads its counts from it. */
function runTests(command, args, passedPattern, failedPattern, environment = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...environment };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let tail = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        process.stdout.write(text);
        tail = (tail + text).slice(-4000);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({
        passed: Number(passedPattern.exec(tail)?.[1] ?? 0),
        failed: Number(failedPattern.exec(tail)?.[1] ?? 0),
        code,
      });
    });
  });
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
