// What the SDKs' own languages need: a Python environment with the test packages, and cargo.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { must, root } from "./run.mjs";
import { ensureCommand, ensurePart } from "./setup.mjs";

/** The oldest Rust that the crate and its dependencies build with. */
const MIN_RUST = [1, 85];

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");

/** The interpreter of an environment with the Python tests' packages; null where there is no fitting Python. */
export async function preparePython() {
  if (!ensureCommand("python3", "python3", "the Python SDK and some plugins are written in it")) return null;
  if (!ensurePart("Python's venv", hasVenv, "python3-venv", "the Python tests")) return null;
  const requirements = readFileSync(join(root, "sdks", "python", "requirements-test.txt"));
  const folder = join(root, ".cache", "python");
  const python = join(folder, "bin", "python");
  const stamp = join(folder, "installed");
  const wanted = createHash("sha256").update(requirements).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  console.log("Installing the packages of the Python tests …");
  mkdirSync(folder, { recursive: true });
  await must("python3", ["-m", "venv", "--clear", folder], "Making the Python environment");
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await must(
    python,
    [...args, "-r", join(root, "sdks/python/requirements-test.txt")],
    "Installing the Python packages",
  );
  writeFileSync(stamp, wanted);
  return python;
}

/** Debian's python3 comes without the part of the standard library that makes environments. */
function hasVenv() {
  return spawnSync("python3", ["-c", "import ensurepip, venv"], { stdio: "ignore" }).status === 0;
}

/**
 * The environment that cargo is run in; null, with what to do said, where there is none. Builds are shared by all checkouts of one
 * user, since most of what is compiled are dependencies.
 */
export function prepareCargo() {
  const env = {
    ...process.env,
    PATH: [process.env.PATH, join(homedir(), ".cargo", "bin")].join(delimiter),
    CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR || join(cache, "toru", "cargo-target"),
    CARGO_TERM_COLOR: "never",
  };
  const { status, stdout } = spawnSync("cargo", ["--version"], { env, encoding: "utf8" });
  const wanted = MIN_RUST.join(".");
  if (status !== 0) {
    console.log(`There is no cargo: install Rust ${wanted} or later from https://rustup.rs`);
    return null;
  }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  if (major > MIN_RUST[0] || (major === MIN_RUST[0] && minor >= MIN_RUST[1])) return env;
  console.log(`${stdout.trim()} is too old: Rust ${wanted} or later is wanted, see https://rustup.rs`);
  return null;
}
