// Millions of changed frames in every language, and requests by the OpenAPI document. A seed (TORU_FUZZ_SEED) has a run again.
import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, root } from "../run.mjs";
import { prepareCargo, preparePython } from "../toolchains.mjs";

const seed = process.env.TORU_FUZZ_SEED ?? String(Math.floor(Date.now() / 1000));
const folder = mkdtempSync(join(tmpdir(), "toru-fuzz-"));
const frames = join(folder, "frames");
const python = await preparePython();
const cargo = prepareCargo();
const soak = (...args) => run(bin("bun"), ["faults/fuzz/soak.ts", ...args]);
console.log(`The seed is ${seed}.`);
try {
  soak("wire");
  soak("frames", frames);
  if (python === null || cargo === null) throw new Error("Python and cargo are needed to compare the languages");
  const sdk = { PYTHONPATH: "sdks/python/src" };
  run(python, ["sdks/python/tests/fuzzing.py", frames], sdk, openSync(`${frames}.python`, "w"));
  const rust = ["test", "-p", "toru-plugin-api", "--all-features", "--locked", "--lib", "fuzz_test", "--"];
  run("cargo", rust, { ...cargo, TORU_FUZZ_FRAMES: frames, TORU_FUZZ_CASES: "25" });
  soak("compare", frames);
  run(python, ["-W", "error", "-m", "pytest", "-q", "sdks/python/tests/test_fuzz.py"], {
    ...sdk,
    TORU_FUZZ_CASES: "40",
  });
  soak("api");
} finally {
  rmSync(folder, { recursive: true });
}

function run(command, args, environment = {}, output = "inherit") {
  const env = { ...process.env, TORU_FUZZ_SEED: seed, PYTHONDONTWRITEBYTECODE: "1", ...environment };
  const { status } = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", output, "inherit"] });
  if (status !== 0) throw new Error(`${args.join(" ")} failed; TORU_FUZZ_SEED=${seed} has it again`);
}
