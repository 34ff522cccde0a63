// What a fresh machine lacks: the npm packages, the Bun executable, and commands that Debian has.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, must, root } from "./run.mjs";

/** Installs what the lock file names, unless that was done before. */
export async function installPackages() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Toru's scripts want Node 20.19 or later; this is ${process.version}. Update Node and try again.`);
    process.exit(1);
  }
  const stamp = join(root, "node_modules", ".toru-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    console.log("Installing the npm packages …");
    // Not `npm ci`: it refuses where a registry lacks an optional package of some foreign platform.
    await must("npm", ["install", "--no-audit", "--no-fund"], "Installing the npm packages");
    writeFileSync(stamp, wanted);
  }
  await prepareBun();
}

/** npm may have skipped the package's install script, which puts the right executable in place. */
async function prepareBun() {
  const works = () => spawnSync(bin("bun"), ["--version"], { stdio: "ignore" }).status === 0;
  if (works()) return;
  await must(process.execPath, [join(root, "node_modules", "bun", "install.js")], "Preparing Bun");
  if (works()) return;
  console.error("The Bun executable does not run on this machine. Toru needs Linux (x64 or arm64) or macOS.");
  process.exit(1);
}

/** Makes sure that a command is there, and returns whether it is. */
export function ensureCommand(command, debianPackage, why) {
  return ensurePart(command, () => whichCommand(command) !== null, debianPackage, why);
}

/** Makes sure that something is there: installs Debian's package as root, else says what to install. Returns whether it is. */
export function ensurePart(name, isThere, debianPackage, why) {
  if (isThere()) return true;
  if (installFromDebian(debianPackage, why) && isThere()) return true;
  console.error(`${name} is missing (${why}). Install it, on Debian with: apt-get install ${debianPackage}`);
  return false;
}

function whichCommand(command) {
  const { status, stdout } = spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

/** False where this is not Debian, or not root. */
function installFromDebian(debianPackage, why) {
  if (process.getuid?.() !== 0 || whichCommand("apt-get") === null) return false;
  console.log(`Installing ${debianPackage} (${why}) …`);
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  const { status } = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", debianPackage], {
    stdio: "ignore",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0;
}

/** The path of a Chromium for the browser tests: the system's, else Debian's package as root, else Playwright's own. */
export async function ensureChromium() {
  const systems = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const find = () => systems.map(whichCommand).find((path) => path !== null) ?? null;
  const found = find();
  if (found !== null) return found;
  if (installFromDebian("chromium", "the browser tests")) return find();
  const { chromium } = await import("@playwright/test");
  if (!existsSync(chromium.executablePath())) {
    console.log("Downloading Playwright's Chromium (the browser tests) …");
    await must(bin("playwright"), ["install", "chromium"], "Downloading Chromium (or install the package chromium)");
  }
  return chromium.executablePath();
}
